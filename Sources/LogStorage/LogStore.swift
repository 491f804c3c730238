package import Durable
package import LogQL
package import Logging
package import MartletCore

/// The log storage: one directory per tenant, opened at start or with a tenant's first push, and removed when none of its
/// lines is left.
///
/// All calls block: keep them off event loops and the cooperative pool.
package final class LogStore: Sendable {
    private enum Tenant {
        /// Somebody opens or removes it, outside the lock.
        case changing
        /// Open, with the number of pushes under way.
        case open(TenantLogs, pushes: Int)
    }

    private struct Table {
        var tenants: [String: Tenant] = [:]
        var isClosed = false

        var isChanging: Bool {
            tenants.values.contains { if case .changing = $0 { true } else { false } }
        }

        var open: [(name: String, logs: TenantLogs)] {
            tenants.compactMap { name, tenant in
                if case .open(let logs, _) = tenant { (name, logs) } else { nil }
            }
        }
    }

    private enum Entry {
        case open(TenantLogs)
        case mine
    }

    /// Where tenants' directories lie, in the data directory.
    static let tenantsDirectory = "tenants"

    /// The data directory.
    package let directory: String
    private let options: LogStorageOptions
    private let memory: LogMemory
    private let process: MemoryBudget
    private let fileSystem: any FileSystem
    private let files: FilePool
    private let directories: DirectoryMemory
    /// Files of which nothing is to be kept, for whoever has copies of them.
    let gone = GoneFiles()
    private let logger: Logger
    private let clock: @Sendable () -> Int64
    private let directoryLock: DirectoryLock
    private let table = Monitor(Table())
    /// Held by whoever closes the store.
    private let closing = Lock(())
    private let syncThread: Lock<IntervalThread?> = Lock(nil)
    private let history: Lock<LogHistory?> = Lock(nil)
    private let failures = Lock(FailureNotes())

    /// Takes the directory (made when missing) for this process and replays every tenant's log. `budget` is the process'
    /// memory, of which the storage takes at most half; `clock` gives Unix seconds.
    package init(
        _ directory: String, options: LogStorageOptions = LogStorageOptions(), budget: MemoryBudget,
        fileSystem: any FileSystem = DiskFileSystem(), logger: Logger, clock: @escaping @Sendable () -> Int64
    ) throws {
        self.directory = directory
        self.options = options
        self.fileSystem = fileSystem
        files = FilePool(limit: options.maxOpenSegments, on: fileSystem)
        directories = DirectoryMemory(budget: budget, limit: options.maxDirectoryBytes)
        self.logger = logger
        self.clock = clock
        process = budget
        memory = LogMemory(limitBytes: min(options.maxMemoryBytes, budget.limit / 2), process: budget)
        try fileSystem.makeDirectories(directory)
        directoryLock = try DirectoryLock(directory)
        let parent = FilePath.join(directory, Self.tenantsDirectory)
        for name in try fileSystem.tenants(in: parent, logger: logger) {
            let logs = try open(name)
            table.withLock { $0.tenants[name] = .open(logs, pushes: 0) }
        }
        try startSyncing()
    }

    deinit {
        syncThread.withLock { $0 }?.requestStop()
    }

    private func open(_ tenant: String) throws -> TenantLogs {
        try TenantLogs(
            tenant: tenant, directory: FilePath.join(FilePath.join(directory, Self.tenantsDirectory), tenant),
            options: options,
            memory: memory, fileSystem: fileSystem, files: files, directories: directories, gone: gone, logger: logger,
            clock: clock)
    }

    /// One thread for all tenants: who writes little costs little.
    private func startSyncing() throws {
        guard case .interval(let seconds) = options.sync else { return }
        let thread = try IntervalThread(seconds: seconds) { [weak self] in
            guard let self else { return }
            // A failure is kept by the tenant's log and thrown by its next append.
            for (_, logs) in table.withLock(\.open) { try? logs.log.sync() }
        }
        syncThread.withLock { $0 = thread }
    }

    // MARK: Writing

    /// Runs `body` with a tenant, whose name must be a plain file name, to push to; opened when it is new. At most
    /// `streamLimit` streams are admitted, 0 for no limit. Others are not held up while a tenant is being opened.
    package func push<R>(
        to tenant: String, streamLimit: Int = 0, _ body: (inout TenantPush) throws -> R
    ) throws -> R {
        let logs = try take(tenant)
        defer { giveBack(tenant) }
        var push = TenantPush(logs, streamLimit: streamLimit)
        return try body(&push)
    }

    /// Stores a record of a tenant without a limit on streams.
    package func append(_ record: LogRecord, tenant: String) throws {
        guard !record.isEmpty else { return }
        try push(to: tenant) { try $0.append(record) }
    }

    private func take(_ name: String) throws -> TenantLogs {
        let limit = options.maxTenants
        let entry = table.wait { (table: inout Table) -> Result<Entry, LogStorageError>? in
            if table.isClosed { return .failure(.closed) }
            switch table.tenants[name] {
            case .changing: return nil
            case .open(let logs, let pushes):
                table.tenants[name] = .open(logs, pushes: pushes + 1)
                return .success(.open(logs))
            case nil:
                guard table.tenants.count < limit else { return .failure(.tooManyTenants(limit: limit)) }
                table.tenants[name] = .changing
                return .success(.mine)
            }
        }
        if case .open(let logs) = try entry.get() { return logs }
        do {
            let logs = try open(name)
            set(name, .open(logs, pushes: 1))
            return logs
        } catch {
            set(name, nil)
            throw error
        }
    }

    private func set(_ name: String, _ tenant: Tenant?) {
        table.withLock { $0.tenants[name] = tenant }
        table.wakeAll()
    }

    private func giveBack(_ name: String) {
        table.withLock { table in
            guard case .open(let logs, let pushes) = table.tenants[name] else { return }
            table.tenants[name] = .open(logs, pushes: pushes - 1)
        }
    }

    // MARK: Reading

    /// What a tenant has stored, here and elsewhere; nil for one that has nothing.
    package func source(tenant: String) -> (any LogSource)? {
        let logs = logs(of: tenant)
        guard let history = history.withLock({ $0 }) else { return logs }
        return JoinedLogs(
            tenant: tenant, local: logs, history: history, retention: options.retention, now: clock())
    }

    /// Has queries read what lies elsewhere, too.
    package func setHistory(_ history: any SealedHistory) {
        let joined = LogHistory(history, budget: process)
        gone.want()
        self.history.withLock { $0 = joined }
    }

    /// The tenants that are open.
    var tenants: [(name: String, logs: TenantLogs)] { table.withLock(\.open) }

    /// Streams of a tenant, in memory.
    package func streamCount(tenant: String) -> Int {
        logs(of: tenant)?.state.withLock { $0.registry.count } ?? 0
    }

    /// The earliest time of any line that a tenant has stored, in Unix nanoseconds; nil when it has none.
    package func oldestTime(tenant: String) -> Int64? {
        logs(of: tenant)?.state.withLock { $0.generations.compactMap(\.timeRange?.lowerBound).min() }
    }

    /// Directories of segment files that were read from disk since memory had no room for them.
    package var directoryReads: Int { directories.reads }

    /// Tenants that are open.
    package var tenantCount: Int { table.withLock { $0.tenants.count } }

    func logs(of tenant: String) -> TenantLogs? {
        table.withLock { table in
            if case .open(let logs, _) = table.tenants[tenant] { logs } else { nil }
        }
    }

    /// Bytes of memory that lines take now.
    package var memoryBytes: Int { memory.budget.used }

    /// What queries take their memory from.
    package var queryBudget: MemoryBudget { process }

    /// Bytes that a query may hold: half of what the process has left, at most 512 MiB, at least 16 MiB.
    package var queryMemory: Int { min(512 << 20, max(16 << 20, process.headroom / 2)) }

    // MARK: Life

    /// Ends old generations, drops what is past its time or over a limit, writes the index, removes tenants of whom
    /// nothing is left. Call it every few seconds.
    package func maintain() {
        guard !table.withLock(\.isClosed) else { return }
        holdDiskFree()
        for (name, logs) in table.withLock(\.open) {
            do {
                try logs.maintain()
                if logs.isVacant { try remove(name) }
                if failures.withLock({ $0.succeed(name) }) {
                    logger.info("log storage maintenance works again", metadata: ["tenant": "\(name)"])
                }
            } catch {
                guard failures.withLock({ $0.fail(name, at: clock()) }) else { continue }
                logger.error(
                    "log storage maintenance failed; it is tried again every second",
                    metadata: ["tenant": "\(name)", "error": "\(error)"])
            }
        }
    }

    /// Removes deleted lines of a tenant from the disk. False when lines that had come before may still be there: then it
    /// is to be called again. Never at the same time as `maintain`.
    package func purge(_ deletions: [LogDeletion], tenant: String) throws -> Bool {
        try logs(of: tenant)?.purge(deletions) ?? true
    }

    /// Files that go in one round for the sake of the disk: its room may grow late, when queries hold them.
    private static let mostDropped = 16

    /// Lets the oldest files of all tenants go while the disk has too little room.
    private func holdDiskFree() {
        guard options.minFreeDiskBytes > 0 else { return }
        do {
            for _ in 0..<Self.mostDropped {
                let free = try fileSystem.space(directory).availableBytes
                guard free < options.minFreeDiskBytes else { return }
                let oldest = table.withLock(\.open).compactMap { _, logs in logs.oldestFile.map { ($0, logs) } }
                    .min { $0.0 < $1.0 }
                guard let oldest else { return }
                try oldest.1.dropOldestFile(
                    reason: "the disk has \(free) bytes left, fewer than the \(options.minFreeDiskBytes) of "
                        + "--storage.retention.min-free-disk")
            }
        } catch {
            logger.error("cannot make room on the disk of the log storage", metadata: ["error": "\(error)"])
        }
    }

    /// Removes a tenant unless somebody pushes to it.
    private func remove(_ name: String) throws {
        let vacant = table.withLock { table -> TenantLogs? in
            guard case .open(let logs, 0) = table.tenants[name], logs.isVacant, !table.isClosed else { return nil }
            table.tenants[name] = .changing
            return logs
        }
        guard let vacant else { return }
        defer { set(name, nil) }
        try vacant.remove()
    }

    /// Syncs and closes everything, and gives the directory back; further pushes are refused. One tenant's failure keeps no
    /// other from being synced; the first is thrown at the end, and the directory stays with this process until a further call
    /// has closed the rest. Again it does nothing.
    package func close() throws {
        try closing.withLock { _ in
            guard directoryLock.isHeld else { return }
            try closeTenants()
            directoryLock.release()
        }
    }

    private func closeTenants() throws {
        table.withLock { $0.isClosed = true }
        table.wakeAll()
        // Whoever is just opening or removing a tenant is still at work in the directory.
        let open = table.wait { $0.isChanging ? nil : $0.open }
        syncThread.withLock { thread in
            defer { thread = nil }
            return thread
        }?.stop()
        var failure: (any Error)?
        for (_, logs) in open {
            do { try logs.close() } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }
}
