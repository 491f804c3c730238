import Durable
import Glibc
package import Hummingbird
package import LogStorage
import Logging
package import Service

/// Everything that `martlet-logs` runs, wired to a daemon.
package enum LogsServer {
    /// Unix time in nanoseconds.
    package static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Opens the storage, adds routes and services. `maxTenants` may have lines at a time.
    package static func build(_ daemon: inout Daemon, _ config: LogConfig, maxTenants: Int) async throws {
        // Every busy tenant holds a log and an index open.
        OpenFileLimit.raise()
        for warning in config.warnings { daemon.logger.warning("\(warning)") }
        var options = LogStorageOptions()
        options.maxTenants = maxTenants
        options.retentionSeconds = config.limits.retention > 0 ? config.limits.retention : .max
        options.sync =
            switch daemon.options.walSync {
            case .always: .always
            case .interval(let milliseconds): .interval(seconds: Double(milliseconds) / 1000)
            }
        let directory = daemon.storagePath(default: config.storagePath ?? "data-logs")
        let budget = daemon.memory
        let logger = daemon.logger
        let storageOptions = options
        let store = try await daemon.blocking.run {
            try LogStore(
                directory, options: storageOptions, budget: budget, logger: logger,
                clock: { LogsServer.now() / 1_000_000_000 })
        }
        let blocking = daemon.blocking
        daemon.onShutdown {
            do {
                try await blocking.run { try store.close() }
            } catch {
                logger.error("cannot close the log storage", metadata: ["error": "\(error)"])
            }
        }
        addRoutes(to: daemon.router, store: store, config: config, clock: { LogsServer.now() })
        for path in ["/loki/api/v1/push", "/api/prom/push", "/otlp/v1/logs"] {
            daemon.route(path, needs: .write, traced: false)
        }
        for path in QueryAPI.paths { daemon.route(path, needs: .read, traced: false) }
        daemon.add(MaintenanceService(store: store, blocking: blocking))
    }

    /// Adds the routes for pushes and queries. `clock` gives Unix nanoseconds.
    package static func addRoutes(
        to router: Router<ServiceContext>, store: LogStore, config: LogConfig,
        clock: @escaping @Sendable () -> Int64
    ) {
        PushAPI(store: store, config: config, clock: clock).add(to: router)
        QueryAPI(store: store, config: config, clock: clock).add(to: router)
    }
}
