package import Durable
package import Logging
package import MartletCore

/// The stores of all tenants below one directory, which this process holds alone: `<directory>/<tenant>/wal` and `parts`.
///
/// `init`, `maintain` and `close` block on the disk.
package final class TraceDatabase: Sendable {
    private let directory: String
    private let options: TraceStoreOptions
    /// The process' memory, of which queries take too.
    package let budget: MemoryBudget
    private let logger: Logger
    private let fileSystem: any FileSystem
    private let lock: DirectoryLock
    let stores: TenantTable<TraceStore>
    /// Every store that was opened, also before `stores` has it, so that closing finds all.
    private let opened: Lock<[TraceStore]>
    /// What queries decode, of all tenants.
    package let cache: ColumnCache
    private let history = Lock<TraceHistory?>(nil)

    /// Takes the directory, which is created when missing, and reads the logs of all tenants in it.
    ///
    /// - Parameter now: Unix nanoseconds.
    package init(
        _ directory: String, options: TraceStoreOptions, budget: MemoryBudget, logger: Logger, now: UInt64,
        on fileSystem: any FileSystem = DiskFileSystem()
    ) throws(TraceStoreError) {
        self.directory = directory
        self.options = options
        self.budget = budget
        self.logger = logger
        self.fileSystem = fileSystem
        cache = ColumnCache(limit: TraceStore.cacheBytes(budget), budget: budget)
        var found: [String: TraceStore] = [:]
        do throws(DurableError) {
            try fileSystem.makeDirectories(directory)
            lock = try DirectoryLock(directory)
        } catch {
            throw .log(error)
        }
        for tenant in try Self.tenants(directory, fileSystem) {
            found[tenant.name] = try TraceStore(
                FilePath.join(directory, tenant.directory), options: options, budget: budget, cache: cache,
                logger: logger, now: now, on: fileSystem)
        }
        opened = Lock(Array(found.values))
        stores = TenantTable(limit: options.maxTenants, limitKey: options.maxTenantsKey, known: found)
    }

    private static func tenants(
        _ directory: String, _ fileSystem: any FileSystem
    ) throws(TraceStoreError) -> [TenantID] {
        do {
            return try fileSystem.list(directory).compactMap { name in
                guard try fileSystem.status(FilePath.join(directory, name)).isDirectory else { return nil }
                return TenantID(directory: name)
            }
        } catch let error as DurableError {
            throw .log(error)
        } catch {
            throw .badTenant("\(error)")
        }
    }

    /// The store of a tenant, made when it is new.
    ///
    /// - Parameters:
    ///   - now: Unix nanoseconds.
    ///   - run: opens a new store, which blocks on the disk: on a thread that may.
    /// - Throws: `TenantTable.Full` for a new tenant too many, `TraceStoreError`, or what `run` throws.
    package func store(
        for tenant: TenantID, now: UInt64,
        run: @escaping @Sendable (_ open: @escaping @Sendable () throws -> TraceStore) async throws -> TraceStore
    ) async throws -> TraceStore {
        if let known = stores.existing(tenant.name) { return known }
        return try await stores.value(for: tenant.name) { [self] in
            try await run { [self] in try open(tenant, now: now) }
        }
    }

    private func open(_ tenant: TenantID, now: UInt64) throws -> TraceStore {
        // One at a time: a new tenant costs some files, and closing must not pass by one that is on its way.
        try opened.withLock { opened in
            try lock.check("open a tenant of")
            let store = try TraceStore(
                FilePath.join(directory, tenant.directory), options: options, budget: budget, cache: cache,
                logger: logger, now: now, on: fileSystem)
            opened.append(store)
            return store
        }
    }

    /// The store of a tenant that has sent something; nil for others.
    package func existingStore(for tenant: TenantID) -> TraceStore? {
        stores.existing(tenant.name)
    }

    /// What a tenant has, here and elsewhere; nil for one that can have nothing.
    package func traces(of tenant: TenantID) -> TenantTraces? {
        TenantTraces(tenant: tenant.name, store: existingStore(for: tenant), history: history.withLock { $0 })
    }

    /// Has queries read what lies elsewhere, too.
    package func setHistory(_ source: any SealedHistory) {
        let joined = TraceHistory(
            source, cache: cache, limits: options.attributes, budget: budget, logger: logger)
        history.withLock { $0 = joined }
    }

    /// All stores, by the tenant's name.
    package var all: [(tenant: String, store: TraceStore)] {
        stores.all.map { (tenant: $0.tenant, store: $0.value) }
    }

    /// Writes, merges and lets go parts in every store, as far as it is time for it.
    package func maintain(now: UInt64) {
        for (_, store) in all { store.maintain(now: now) }
    }

    /// Makes everything durable, ends the logs and gives the directory back. One tenant's failure keeps no other from being
    /// synced; the first is thrown at the end, and the directory stays with this process. Again it does nothing.
    package func close() throws(TraceStoreError) {
        try opened.withLock { (opened) throws(TraceStoreError) in
            var failure: TraceStoreError?
            for store in opened {
                do throws(TraceStoreError) { try store.close() } catch { failure = failure ?? error }
            }
            if let failure { throw failure }
            lock.release()
        }
    }
}
