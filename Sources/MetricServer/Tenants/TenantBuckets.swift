import Logging
import MartletCore
import MetricStorage
import ObjectStorage
import RemoteStorage
import Service
import ServiceLifecycle

/// The object store of tenants beside the main one: each has the part of the bucket below its name, as Mimir has it.
final class TenantBuckets: ServiceLifecycle.Service {
    private struct Part {
        let tenant: String
        let history: BucketHistory
        let uploads: BlockUploads?
    }

    private let bucket: any ObjectStore
    private let flags: BucketFlags
    private let writers: QueryWriters?
    private let blocking: BlockingPool
    private let logger: Logger
    private let labels: Lock<[(name: String, value: String)]>
    private let parts = Lock<[Part]>([])
    /// Tenants that were asked for and had nothing in the bucket, with the time of looking.
    private let absent = Lock<[String: ContinuousClock.Instant]>([:])
    /// Names that are remembered as absent.
    private static let absentLimit = 1000

    init(
        _ bucket: any ObjectStore, flags: BucketFlags, writers: QueryWriters?, labels: [(name: String, value: String)],
        blocking: BlockingPool, logger: Logger
    ) {
        self.bucket = bucket
        self.flags = flags
        self.writers = writers
        self.labels = Lock(labels)
        self.blocking = blocking
        self.logger = logger
    }

    /// Takes the labels of a new configuration.
    func setLabels(_ fresh: [(name: String, value: String)]) {
        labels.withLock { $0 = fresh }
        for part in parts.withLock({ $0 }) { part.uploads?.setLabels(fresh) }
    }

    /// Puts a tenant's part of the bucket beside its store. Blocks on the disk.
    func add(_ tenant: String, _ store: MetricStore) throws {
        let part = PrefixedObjectStore(bucket, prefix: tenant)
        let (history, uploads) = try MetricServer.bucket(
            part, beside: store, flags, labels: labels.withLock { $0 }, blocking: blocking,
            marks: BucketHistory.marks(of: writers, tenant), logger: logger)
        store.setHistory(history)
        parts.withLock { $0.append(Part(tenant: tenant, history: history, uploads: uploads)) }
    }

    /// The time before which all samples of a tenant are in its part of the bucket; nil where nothing is uploaded.
    func sealedBefore(_ tenant: String) -> Int64? {
        parts.withLock { $0.last { $0.tenant == tenant } }?.uploads?.sealedBefore
    }

    /// Whether the bucket has something of a tenant; what it did not have is not looked for again within an interval.
    func has(_ tenant: String) async throws(ObjectError) -> Bool {
        let interval = Duration.milliseconds(flags.store.interval.milliseconds)
        if let looked = absent.withLock({ $0[tenant] }), looked.duration(to: .now) < interval { return false }
        guard try await PrefixedObjectStore(bucket, prefix: tenant).list(prefix: "").isEmpty else { return true }
        absent.withLock { absent in
            if absent.count >= Self.absentLimit { absent.removeAll() }
            absent[tenant] = .now
        }
        return false
    }

    /// How long the first request of a tenant waits for what the bucket has of it.
    private static let patience = Duration.seconds(10)

    /// Looks at a tenant's part for the first time, so that what it has answers the request that opened the tenant.
    func look(at tenant: String) async {
        guard let part = parts.withLock({ $0.last { $0.tenant == tenant } }) else { return }
        try? await withTimeLimit(Self.patience) { await part.history.refreshOrReport() }
    }

    /// One round after the other, tenant by tenant.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat {
                for part in self.parts.withLock({ $0 }) {
                    await part.history.refreshOrReport()
                    await part.uploads?.round(nowMs: WallClock.milliseconds)
                }
            } while (try? await Task.sleep(for: .milliseconds(self.flags.store.interval.milliseconds))) != nil
        }
    }
}
