import Durable
import Logging
import MartletCore
import MetricStorage
import RemoteStorage
import Rules
import Service

extension LogsServer {
    /// Rules that are evaluated at a time; each uses all cores where that is worth it.
    private static let rulesAtATime = 2

    /// Reads the rules and adds what evaluates them, sends what they give, and answers questions about them.
    static func addRules(
        to daemon: inout Daemon, _ config: LogConfig, _ sources: TenantSources, directory: String, maxTenants: Int
    ) async throws {
        let logger = daemon.logger
        let threads = BlockingPool(threads: rulesAtATime, queueLimit: 100_000)
        let forwarding = try await forwarding(daemon, config, directory: directory, maxTenants: maxTenants)
        let ruler = Ruler(
            .init(
                config: config, sources: sources, stateDirectory: FilePath.join(directory, "ruler"),
                forwarding: forwarding, maxTenants: maxTenants, threads: threads, blocking: daemon.blocking,
                logger: logger))
        try await ruler.reload()
        if config.ruler.isAPIEnabled { ruler.addRoutes(to: daemon.router) }
        register(ruler, forwarding)
        daemon.onReload { try await ruler.reload() }
        // Services stop in reverse: first the rules, then what sends their alerts, at last what sends their series.
        if let forwarding { daemon.add(forwarding) }
        daemon.add(ruler)
        daemon.add(ruler.manager)
        daemon.onShutdown {
            await threads.shutdown()
            do {
                try await forwarding?.close()
            } catch {
                logger.error("the log of recorded series cannot be closed cleanly", metadata: ["error": "\(error)"])
            }
        }
    }

    /// The logs of recorded series; nil without anybody to send them to.
    private static func forwarding(
        _ daemon: Daemon, _ config: LogConfig, directory: String, maxTenants: Int
    ) async throws -> TenantForwarding? {
        guard let remoteWrite = config.ruler.remoteWrite else { return nil }
        var options = ForwardingLog.Options()
        options.log.sync = daemon.options.walSync.policy
        var settings = TenantForwarding.Settings()
        settings.receivers = remoteWrite.receivers
        // As with Loki the one tenant of a server without others is named as well.
        settings.tenantHeader = remoteWrite.addsTenantHeader ? .always : .never
        return try await TenantForwarding(
            .init(
                path: config.ruler.walDirectory ?? FilePath.join(directory, "ruler-wal"), single: nil,
                limit: maxTenants, limitKey: TenantOptions.key, options: options, budget: daemon.memory,
                blocking: daemon.blocking, logger: daemon.logger),
            settings: settings)
    }

    /// The metrics of rules, under Loki's names.
    private static func register(_ ruler: Ruler, _ forwarding: TenantForwarding?) {
        RuleMetrics.register(ruler.manager, in: .shared, prefix: "loki_") { group in
            [(name: "user", value: Ruler.tenant(of: group.file))]
        }
        NotificationMetrics.register(in: .shared, prefix: "loki_") {
            ruler.working.map { (labels: [(name: "user", value: $0.name)], notifier: $0.tenant.notifier) }
        }
        if let forwarding { RemoteWriteMetrics.register(forwarding, in: .shared) }
    }
}
