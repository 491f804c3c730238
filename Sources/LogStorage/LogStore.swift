package import Durable
package import LogQL
package import Logging
package import MartletCore

/// The log storage: one directory per tenant, opened at start or with a tenant's first push.
///
/// All calls block: keep them off event loops and the cooperative pool.
package final class LogStore: Sendable {
    /// The data directory.
    package let directory: String
    private let options: LogStorageOptions
    private let memory: MemoryBudget
    private let process: MemoryBudget
    private let fileSystem: any FileSystem
    private let logger: Logger
    private let clock: @Sendable () -> Int64
    private let directoryLock: DirectoryLock
    private let tenants: Lock<[String: TenantLogs]> = Lock([:])

    /// Takes the directory (made when missing) for this process and replays every tenant's log. `budget` is the process'
    /// memory, of which the storage takes at most half; `clock` gives Unix seconds.
    package init(
        _ directory: String, options: LogStorageOptions = LogStorageOptions(), budget: MemoryBudget,
        fileSystem: any FileSystem = DiskFileSystem(), logger: Logger, clock: @escaping @Sendable () -> Int64
    ) throws {
        self.directory = directory
        self.options = options
        self.fileSystem = fileSystem
        self.logger = logger
        self.clock = clock
        process = budget
        memory = MemoryBudget(limitBytes: min(options.maxMemoryBytes, budget.limit / 2))
        try fileSystem.makeDirectories(directory)
        directoryLock = try DirectoryLock(directory)
        let parent = FilePath.join(directory, "tenants")
        guard try fileSystem.exists(parent) else { return }
        for name in try fileSystem.list(parent) where try fileSystem.status(FilePath.join(parent, name)).isDirectory {
            let opened = try open(name)
            tenants.withLock { $0[name] = opened }
        }
    }

    private func open(_ tenant: String) throws -> TenantLogs {
        try TenantLogs(
            tenant: tenant, directory: FilePath.join(FilePath.join(directory, "tenants"), tenant), options: options,
            memory: memory, process: process, fileSystem: fileSystem, logger: logger, clock: clock)
    }

    /// Logs a record of a tenant, whose name must be a plain file name, and applies it.
    package func append(_ record: LogRecord, tenant: String) throws {
        guard !record.isEmpty else { return }
        let logs = try tenants.withLock { (tenants: inout [String: TenantLogs]) throws -> TenantLogs in
            if let logs = tenants[tenant] { return logs }
            let logs = try open(tenant)
            tenants[tenant] = logs
            return logs
        }
        try logs.append(record)
    }

    /// What a tenant has stored; nil for one that never pushed.
    package func source(tenant: String) -> (any LogSource)? {
        tenants.withLock { $0[tenant] }
    }

    /// Streams of a tenant, in memory.
    package func streamCount(tenant: String) -> Int {
        tenants.withLock { $0[tenant] }?.state.withLock { $0.registry.count } ?? 0
    }

    /// Whether a push may go to this stream: it exists, or the tenant has fewer than `limit` streams.
    package func admits(_ labels: Labels, tenant: String, limit: Int) -> Bool {
        guard let logs = tenants.withLock({ $0[tenant] }) else { return limit > 0 }
        return logs.state.withLock { $0.registry.count < limit || $0.registry.contains(labels) }
    }

    /// Bytes of memory that lines take now.
    package var memoryBytes: Int { memory.used }

    /// Ends old generations, drops what is past its time or over a limit, writes the index. Call it every few seconds.
    package func maintain() {
        for logs in tenants.withLock({ Array($0.values) }) {
            do {
                try logs.maintain()
            } catch {
                logger.error(
                    "log storage maintenance failed; it will be tried again",
                    metadata: ["tenant": "\(logs.tenant)", "error": "\(error)"])
            }
        }
    }

    /// Bytes that a query may hold: half of what the process has left, at most 512 MiB, at least 16 MiB.
    package var queryMemory: Int { min(512 << 20, max(16 << 20, process.headroom / 2)) }

    /// Syncs and closes everything; further pushes are refused. One tenant's failure keeps no other from being synced;
    /// the first is thrown at the end.
    package func close() throws {
        var failure: (any Error)?
        for logs in tenants.withLock({ Array($0.values) }) {
            do { try logs.close() } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }
}
