import Durable
import Logging
import MartletCore
import MetricStorage
import ObjectStorage
import PromQL
import RemoteStorage
import Service
import ServiceLifecycle

/// Answers queries from the blocks of a bucket. Looks at what the bucket has now and then.
final class BucketHistory: BlockHistory, ServiceLifecycle.Service {
    /// What is asked before the bucket is looked at, and gives what is to be done afterwards.
    typealias Marks = @Sendable () async -> @Sendable () -> Void

    /// What writers say of a tenant, where there are some.
    static func marks(of writers: QueryWriters?, _ tenant: String) -> Marks? {
        guard let writers else { return nil }
        return { await writers.look(at: tenant) }
    }

    private let store: any ObjectStore
    private let cache: BlockCache
    private let interval: Duration
    private let isOnlySource: Bool
    private let marks: Marks?
    private let whenKnown: @Sendable () -> Void
    private let logger: Logger
    private let found = Lock<[BlockID: BucketBlock]>([:])
    /// Whether the bucket was seen since the start.
    private let isKnown = Lock(false)

    /// The history that a bucket has. `isOnlySource` says that nothing else has samples; `whenKnown` is called when the
    /// bucket was looked at, and what `marks` has given before that.
    init(
        _ store: any ObjectStore, cache: BlockCache, interval: Duration, isOnlySource: Bool, marks: Marks?,
        whenKnown: @escaping @Sendable () -> Void, logger: Logger
    ) {
        self.store = store
        self.cache = cache
        self.isOnlySource = isOnlySource
        self.marks = marks
        self.whenKnown = whenKnown
        self.interval = interval
        self.logger = logger
    }

    /// Number of blocks that the bucket has.
    var count: Int { found.withLock { $0.count } }

    /// Whether queries find all samples of a block here.
    func holds(_ meta: BlockMeta) -> Bool {
        BlockCopies.distinct([meta], beside: found.withLock { $0.values.map(\.meta) }).isEmpty
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat {
                await self.refreshOrReport()
            } while (try? await Task.sleep(for: self.interval)) != nil
        }
    }

    /// Takes up what came and forgets what went; a failure is logged.
    func refreshOrReport() async {
        do {
            try await refresh()
        } catch let error as ObjectError where error.code == .cancelled {
            return
        } catch {
            logger.error(
                "the object store cannot be read; what was known of it is used",
                metadata: ["store": "\(store.label)", "error": "\(error)"])
        }
    }

    /// Takes up what came and forgets what went.
    func refresh() async throws {
        let settle = await marks?()
        let files = BucketBlock.files(among: try await store.list(prefix: ""))
        let known = found.withLock { $0 }
        var fresh = known.filter { files[$0.key] != nil }
        for (id, files) in files where fresh[id] == nil {
            let key = BucketBlock.key(id, BlockMeta.fileName)
            do {
                let bytes = try await store.get(key, range: nil, limit: BucketBlock.descriptionLimit)
                let meta = try BlockMeta(bytes, path: "\(store.label)/\(key)")
                if meta.id == id { fresh[id] = BucketBlock(meta, files: files) }
            } catch let error as ObjectError where error.code == .notFound {
                // It went meanwhile.
                continue
            } catch let error as DurableError {
                logger.warning("a block in the object store is left out", metadata: ["error": "\(error)"])
            }
        }
        found.withLock { [fresh] in $0 = fresh }
        settle?()
        isKnown.withLock { $0 = true }
        whenKnown()
    }

    func blocks(
        from start: Int64, to end: Int64, beside own: [BlockMeta], context: QueryContext
    ) throws(QueryError) -> [Block] {
        let all = found.withLock { Array($0.values) }
        guard isKnown.withLock({ $0 }) else {
            // Times before the store's own blocks may be there; what is in those needs no bucket.
            let mayBeThere = own.map(\.minTime).min().map { start < $0 } ?? isOnlySource
            guard mayBeThere else { return [] }
            throw QueryError(.execution, "the object store \(store.label) could not be read yet; try again later")
        }
        let wanted = BlockCopies.distinct(all.map(\.meta), beside: own)
        let overlapping = all.filter {
            wanted.contains($0.meta.id) && $0.meta.minTime <= end && $0.meta.maxTime > start
        }
        guard !overlapping.isEmpty else { return [] }
        try context.check()
        let sorted = overlapping.sorted { ($0.meta.minTime, $0.meta.id) < ($1.meta.minTime, $1.meta.id) }
        do {
            return try BlockingCall.run { [cache] in try await cache.open(sorted) }
        } catch {
            throw QueryError(.execution, "\(error)")
        }
    }

    /// Bytes on the local disk.
    var cachedBytes: Int { get async { await cache.byteCount } }
}
