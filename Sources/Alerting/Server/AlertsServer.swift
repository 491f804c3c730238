import AsyncHTTPClient
import Durable
import Logging
import MartletCore
import NIOPosix
package import Service

/// Everything that `martlet-alerts` runs, wired to a daemon.
package enum AlertsServer {
    /// What the server is before anybody configures it.
    package static let identity = ServerIdentity(
        name: "martlet-alerts", about: "Groups alerts, silences them, and tells webhooks of them.", port: 9093,
        storagePath: "data-alerts", configFile: .named("an alertmanager.yml"),
        links: [
            .init("/api/v2/alerts/groups", "the alerts of now, in their groups"),
            .init("/api/v2/alerts", "the same as a list"),
            .init("/api/v2/silences", "silences, those that are over too"),
            .init("/api/v2/receivers", "the receivers"),
            .init("/api/v1/notifications", "who was told of what, when"),
            .init("/api/v2/status", "version and configuration"),
        ])

    /// What its flags say beyond the common ones.
    package struct Options: Sendable {
        /// Where people reach the server; nil is made of the host's name and the port.
        package var externalURL: String?
        /// How long silences that are over and notifications are remembered, in nanoseconds.
        package var retention: Int64 = 432_000_000_000_000

        /// The defaults.
        package init() {}
    }

    /// The configuration of a file, or the one that needs none.
    package static func config(_ path: String?) throws -> AlertmanagerConfig {
        if let path { return try AlertmanagerConfig(path: path) }
        return try AlertmanagerConfig(ConfigDocument(text: AlertmanagerConfig.standard, file: "built-in configuration"))
    }

    /// Opens the state, adds routes, services and the reload.
    package static func build(_ daemon: inout Daemon, _ options: Options) async throws {
        let path = daemon.options.configFile
        let config = try config(path)
        for warning in config.warnings { daemon.logger.warning("\(warning)") }
        if path == nil {
            daemon.logger.info("no configuration file: alerts are kept and shown, and sent to nobody")
        }
        let directory = daemon.storagePath()
        let sync = daemon.options.walSync.policy
        let retention = options.retention
        let logger = daemon.logger
        let memory = daemon.memory
        let (lock, manager) = try await daemon.blocking.run {
            try DiskFileSystem().makeDirectories(directory)
            let lock = try DirectoryLock(directory)
            let manager = try AlertManager(
                config: config, directory: directory, retention: retention, sync: sync, budget: memory,
                logger: logger, now: { WallClock.nanoseconds })
            return (lock, manager)
        }
        let blocking = daemon.blocking
        daemon.onShutdown {
            do {
                try await blocking.run { try manager.close() }
            } catch {
                logger.error("cannot close the logs: \(error)")
            }
            lock.release()
        }
        daemon.onSnapshot(of: directory) { try manager.snapshot(to: $0) }
        AlertAPI(manager: manager).add(to: daemon.router)
        AlertMetrics.register(manager, in: .shared)
        let directClient = HTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup,
            configuration: .init(redirectConfiguration: .disallow))
        daemon.onShutdown {
            do {
                try await directClient.shutdown()
            } catch {
                logger.error("cannot close the client of webhooks: \(error)")
            }
        }
        let sender = WebhookSender(client: daemon.httpClient, directClient: directClient, blocking: blocking)
        let externalURL = options.externalURL ?? "http://\(HostName.current):\(daemon.address.port)"
        NotificationAPI(
            manager: manager, test: ReceiverTest(manager: manager, sender: sender, externalURL: externalURL)
        ).add(to: daemon.router)
        daemon.route("/api/v2/alerts", traced: false)
        daemon.add(
            NotificationService(
                manager: manager, sender: sender, blocking: blocking, logger: logger, externalURL: externalURL))
        if let path {
            daemon.onReload {
                let config = try await blocking.run { try AlertmanagerConfig(path: path) }
                for warning in config.warnings { logger.warning("\(warning)") }
                manager.reload(config)
            }
        }
    }
}
