import Durable
import HTTPTypes
package import Logging
import MartletCore
package import MetricStorage
import ObjectStorage
import Service

/// The stores of all tenants. That of the main tenant is the Prometheus directory at the root: scrapes and rules write
/// there, and everybody reads and writes there while tenants are off. Others lie in `tenants/<name>/`, each a Prometheus
/// directory of its own; they are made with the first write.
package final class MetricTenants: Sendable {
    /// A tenant's store, and what takes pushes for it.
    struct Tenant: Sendable {
        let store: MetricStore
        let writes: WriteReceiver
    }

    /// How tenants are kept.
    package struct Options: Sendable {
        /// Whether requests name their tenant.
        package var isEnabled = false
        /// Tenants that may be kept, the main one not counted.
        package var limit = 1000
        /// Whether a tenant may have samples that no write has told of: in an object store.
        package var opensForReading = false

        /// Tenants are off; those that logins are bound to are there all the same.
        package init() {}
    }

    /// What the configuration says about stores.
    struct Settings {
        var retentionRules: [RetentionRule] = []
        var maxExemplars: Int?
        var outOfOrderWindowMs: Int64?
    }

    /// The main tenant, as Mimir calls the one of a server that has no others.
    package static let mainName = "anonymous"
    /// The directory of the others, in the data directory.
    static let directory = "tenants"

    /// Whether requests name their tenant.
    let isEnabled: Bool
    let main: Tenant
    private let opensForReading: Bool
    private let others: TenantTable<Tenant>
    /// Stands for those that never wrote.
    private let empty = Lock<Tenant?>(nil)
    private let settings = Lock(Settings())
    private let whenOpened = Lock<(@Sendable (String, MetricStore) throws -> Void)?>(nil)
    /// Whether a tenant that is not here has samples elsewhere.
    private let isElsewhere = Lock<(@Sendable (String) async throws -> Bool)?>(nil)
    private let beforeFirstUse = Lock<(@Sendable (String) async -> Void)?>(nil)
    private let blocking: BlockingPool
    private let logger: Logger
    private let writeOptions: WriteReceiver.Options

    /// The tenants beside that of `store`, with those that are open already.
    init(
        main store: MetricStore, known: [String: MetricStore], options: Options, writes: WriteReceiver.Options,
        blocking: BlockingPool, logger: Logger
    ) {
        isEnabled = options.isEnabled
        opensForReading = options.opensForReading
        self.blocking = blocking
        self.logger = logger
        writeOptions = writes
        let counters = IngestCounters()
        func tenant(_ store: MetricStore) -> Tenant {
            Tenant(
                store: store,
                writes: WriteReceiver(store: store, options: writes, blocking: blocking, counters: counters))
        }
        main = tenant(store)
        others = TenantTable(limit: options.limit, limitKey: TenantOptions.key, known: known.mapValues(tenant))
    }

    /// Opens the stores of all tenants below a data directory. Blocks on the disk.
    package static func openKnown(beside main: MetricStore, logger: Logger) throws -> [String: MetricStore] {
        let path = FilePath.join(main.path, directory)
        var stores: [String: MetricStore] = [:]
        for name in try DiskFileSystem().tenants(in: path, logger: logger) {
            stores[name] = try open(FilePath.join(path, name), like: main, logger.with(tenant: name))
        }
        return stores
    }

    private static func open(_ path: String, like main: MetricStore, _ logger: Logger) throws -> MetricStore {
        try MetricStore(path, options: main.options, budget: main.queryBudget, logger: logger)
    }

    /// All stores, the main one first, by the tenants' names.
    var all: [(name: String, store: MetricStore)] {
        [(Self.mainName, main.store)] + others.all.map { ($0.tenant, $0.value.store) }.sorted { $0.0 < $1.0 }
    }

    /// Calls `body` with every store beside the main one: those that are open now, and others when they are opened. The
    /// requests that open one wait for `beforeFirstUse`. Where reading opens tenants it does so for those of which
    /// `isElsewhere` says that there is something to read.
    func whenOpened(
        _ body: @escaping @Sendable (String, MetricStore) throws -> Void,
        isElsewhere: (@Sendable (String) async throws -> Bool)? = nil,
        beforeFirstUse prepare: (@Sendable (String) async -> Void)? = nil
    ) throws {
        self.isElsewhere.withLock { $0 = isElsewhere }
        whenOpened.withLock { $0 = body }
        beforeFirstUse.withLock { $0 = prepare }
        for (name, tenant) in others.all { try body(name, tenant.store) }
    }

    /// The tenant that is written to, made when it is new.
    /// - Throws: 429 for one too many.
    func writing(_ name: String) async throws -> Tenant {
        if name == Self.mainName { return main }
        if let known = others.existing(name) { return known }
        do {
            return try await others.value(for: name) { [self] in
                let tenant = try await blocking.run { [self] in
                    let path = FilePath.join(FilePath.join(main.store.path, Self.directory), name)
                    return try make(name, path)
                }
                await beforeFirstUse.withLock { $0 }?(name)
                return tenant
            }
        } catch let error as TenantTable<Tenant>.Full {
            throw HTTPFailure.retryLater(.tooManyRequests, "\(error)", after: 30)
        }
    }

    /// The tenant that is read; one without samples when it has not written yet.
    func reading(_ name: String) async throws -> Tenant {
        if name == Self.mainName { return main }
        if let known = others.existing(name) { return known }
        if opensForReading, let isElsewhere = isElsewhere.withLock({ $0 }) {
            do {
                if try await isElsewhere(name) { return try await writing(name) }
            } catch let error as ObjectError {
                throw HTTPFailure.retryLater(.serviceUnavailable, "the object store cannot be read: \(error)")
            }
        }
        return try await blocking.run { [self] in
            try empty.withLock { empty in
                if let empty { return empty }
                // The suffix lets the next start clear it away.
                let tenant = try make(nil, FilePath.join(main.store.path, "no-tenant.tmp-for-creation"))
                empty = tenant
                return tenant
            }
        }
    }

    private func make(_ name: String?, _ path: String) throws -> Tenant {
        let store = try Self.open(path, like: main.store, name.map { logger.with(tenant: $0) } ?? logger)
        settings.withLock { $0.apply(to: store) }
        if let name { try whenOpened.withLock { $0 }?(name, store) }
        return Tenant(
            store: store,
            writes: WriteReceiver(
                store: store, options: writeOptions, blocking: blocking, counters: main.writes.counters))
    }

    /// Takes a configuration, for all stores that are open and that will be.
    func apply(_ change: Settings) {
        settings.withLock { $0 = change }
        for (_, store) in all { change.apply(to: store) }
    }

    /// One round of housekeeping of all stores. The failure of one keeps no other from its own; the first is thrown.
    func maintain(nowMs: Int64) throws {
        try forEach { try $0.maintain(nowMs: nowMs) }
    }

    /// Whether a block of one of the stores is due.
    var isBlockDue: Bool { all.contains { $0.store.isBlockDue } }

    /// Ends compactions that run, and lets none begin.
    func stopCompacting() { for (_, store) in all { store.stopCompacting() } }

    /// Closes all stores.
    func close() throws {
        try forEach { try $0.close() }
        try empty.withLock { try $0?.store.close() }
    }

    private func forEach(_ body: (MetricStore) throws -> Void) throws {
        var failure: (any Error)?
        for (_, store) in all {
            do { try body(store) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }
}

extension MetricTenants.Settings {
    fileprivate func apply(to store: MetricStore) {
        store.setRetentionRules(retentionRules)
        if let maxExemplars { store.setMaxExemplars(maxExemplars) }
        if let outOfOrderWindowMs { store.setOutOfOrderWindow(outOfOrderWindowMs) }
    }
}
