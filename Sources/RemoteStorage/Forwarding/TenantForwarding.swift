import Durable
package import Logging
package import MartletCore
package import Service
import ServiceLifecycle

/// A `ForwardingLog` for each tenant, in a directory of its name: opened with its first samples, or at start where an earlier
/// process has left one. All send to the same receivers; those of tenants say whose the samples are.
package final class TenantForwarding: ServiceLifecycle.Service {
    /// What the configuration says.
    package struct Settings: Sendable {
        /// Where samples are sent on to.
        package var receivers: [RemoteWriteConfig] = []
        /// Labels of all series that have them not.
        package var externalLabels: [(key: String, value: String)] = []
        /// Whether requests name the tenant in `X-Scope-OrgID`.
        package var tenantHeader = TenantHeader.unlessConfigured

        /// Nobody gets anything.
        package init() {}
    }

    /// Which requests name the tenant.
    package enum TenantHeader: Sendable, Hashable {
        case never
        /// Those whose configuration has not the header itself, as with Tempo.
        case unlessConfigured
        /// All, whatever the configuration has in that header, as with Loki.
        case always
    }

    /// What the logs are kept with.
    package struct Context: Sendable {
        /// The directory that has those of the tenants.
        package let path: String
        /// The tenant of those who name none, where receivers are not told of it.
        package let single: String?
        /// Most tenants, and the flag or key that says so.
        package let limit: Int
        package let limitKey: String
        package let options: ForwardingLog.Options
        package let budget: MemoryBudget
        package let blocking: BlockingPool
        package let logger: Logger

        /// What the logs are kept with.
        package init(
            path: String, single: String?, limit: Int, limitKey: String, options: ForwardingLog.Options,
            budget: MemoryBudget, blocking: BlockingPool, logger: Logger
        ) {
            self.path = path
            self.single = single
            self.limit = limit
            self.limitKey = limitKey
            self.options = options
            self.budget = budget
            self.blocking = blocking
            self.logger = logger
        }
    }

    private let context: Context
    private let logs: TenantTable<ForwardingLog>
    private let settings: Lock<Settings>
    /// One change of configuration or tenants at a time, so that none misses the other.
    private let changes = TaskQueue()
    /// Logs that are to be run.
    private let opened: AsyncStream<ForwardingLog>
    private let opening: AsyncStream<ForwardingLog>.Continuation

    /// Opens the logs that are there already: what they have is sent once `run` is called.
    package init(_ context: Context, settings: Settings) async throws {
        self.context = context
        self.settings = Lock(settings)
        (opened, opening) = AsyncStream.makeStream(of: ForwardingLog.self)
        let known = try await context.blocking.run { try Self.openKnown(context) }
        logs = TenantTable(limit: context.limit, limitKey: context.limitKey, known: known)
        for (tenant, log) in known { try await start(tenant, log) }
    }

    private static func openKnown(_ context: Context) throws -> [String: ForwardingLog] {
        let fileSystem = DiskFileSystem()
        guard try fileSystem.exists(context.path) else { return [:] }
        var logs: [String: ForwardingLog] = [:]
        for name in try fileSystem.list(context.path) where (try? TenantName(checking: name)) != nil {
            guard try fileSystem.status(FilePath.join(context.path, name)).isDirectory else { continue }
            logs[name] = try open(name, context)
        }
        return logs
    }

    private static func open(_ tenant: String, _ context: Context) throws -> ForwardingLog {
        let logger = tenant == context.single ? context.logger : context.logger.with(tenant: tenant)
        return try ForwardingLog(
            FilePath.join(context.path, tenant), options: context.options, budget: context.budget,
            blocking: context.blocking, logger: logger)
    }

    /// The log of a tenant, made when it is new.
    /// - Throws: `TenantTable.Full` for one too many, or what opening it threw.
    package func log(of tenant: String) async throws -> ForwardingLog {
        if let known = logs.existing(tenant) { return known }
        return try await logs.value(for: tenant) { [self] in
            let log = try await context.blocking.run { [context] in try Self.open(tenant, context) }
            do {
                try await start(tenant, log)
            } catch {
                // The first failure is the one to report.
                try? await log.close()
                throw error
            }
            return log
        }
    }

    /// All logs with their tenants, in the order of the names.
    package var all: [(tenant: String, log: ForwardingLog)] {
        logs.all.map { ($0.tenant, $0.value) }.sorted { $0.tenant < $1.tenant }
    }

    private func start(_ tenant: String, _ log: ForwardingLog) async throws {
        try await changes.run { [self] in
            try await apply(settings.withLock { $0 }, to: log, of: tenant)
        }
        opening.yield(log)
    }

    /// Takes a configuration, for all tenants that are there and that will be.
    package func apply(_ settings: Settings) async throws {
        try await changes.run { [self] in
            self.settings.withLock { $0 = settings }
            for (tenant, log) in all { try await apply(settings, to: log, of: tenant) }
        }
    }

    private func apply(_ settings: Settings, to log: ForwardingLog, of tenant: String) async throws {
        let receivers = settings.receivers.map { receiver in
            tenant == context.single ? receiver : receiver.naming(tenant, settings.tenantHeader)
        }
        try await log.apply(receivers, externalLabels: settings.externalLabels)
    }

    /// Sends until the server shuts down.
    package func run() async throws {
        try await withGracefulShutdownHandler {
            try await withThrowingDiscardingTaskGroup { group in
                for await log in opened { group.addTask { try await log.run() } }
            }
        } onGracefulShutdown: {
            self.opening.finish()
        }
    }

    /// Closes all logs. The failure of one keeps no other from being closed; the first is thrown.
    package func close() async throws {
        opening.finish()
        var failure: (any Error)?
        for (_, log) in all {
            do { try await log.close() } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }
}

extension RemoteWriteConfig {
    private static let tenantHeader = "X-Scope-OrgID"

    /// The same receiver, told of a tenant in every request.
    fileprivate func naming(_ tenant: String, _ rule: TenantForwarding.TenantHeader) -> RemoteWriteConfig {
        func isTenant(_ header: (key: String, value: String)) -> Bool {
            header.key.lowercased() == Self.tenantHeader.lowercased()
        }
        let isKept = rule == .never || rule == .unlessConfigured && headers.contains(where: isTenant)
        if isKept { return self }
        var config = self
        config.headers.removeAll(where: isTenant)
        config.headers.append((Self.tenantHeader, tenant))
        // A queue goes on as long as its text is the same.
        config.text += "\n\(Self.tenantHeader): \(tenant)"
        return config
    }
}
