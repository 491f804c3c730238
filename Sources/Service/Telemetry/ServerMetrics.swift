import MartletCore

/// What every server shows about itself beside its requests: build, process, memory account, reloads.
final class ServerMetrics: Sendable {
    private struct Reload {
        var succeeded = true
        var when = Double(WallClock.nanoseconds) / 1e9
    }

    private let reload = Lock(Reload())

    /// A reload was tried.
    func reloaded(_ succeeded: Bool) {
        reload.withLock { reload in
            reload.succeeded = succeeded
            if succeeded { reload.when = Double(WallClock.nanoseconds) / 1e9 }
        }
    }

    /// Adds the collectors to a registry.
    func register(
        in registry: MetricRegistry, server: String, memory: MemoryBudget, readiness: Readiness,
        clients: ClientConnections, security: WebSecurity
    ) {
        let prefix: String? =
            switch server {
            case "martlet-metrics": "prometheus"
            case "martlet-alerts": "alertmanager"
            case "martlet-logs": "loki"
            case "martlet-traces": "tempo"
            default: nil
            }
        let labels = [
            (name: "branch", value: "main"), (name: "revision", value: BuildVersion.number),
            (name: "swiftversion", value: "6"), (name: "version", value: BuildVersion.number),
        ]
        registry.collect { [self] collection in
            ProcessMetrics.collect(&collection)
            let help = "A metric with a constant '1' value labeled by version, revision, branch and language version."
            collection.gauges("martlet_build_info", help, [(labels + [(name: "server", value: server)], 1)])
            if let prefix { collection.gauges(prefix + "_build_info", help, [(labels, 1)]) }
            let reload = reload.withLock { $0 }
            collection.gauge(
                (prefix ?? "martlet") + "_config_last_reload_successful",
                "Whether the last configuration reload attempt was successful.", reload.succeeded ? 1 : 0)
            collection.gauge(
                (prefix ?? "martlet") + "_config_last_reload_success_timestamp_seconds",
                "Timestamp of the last successful configuration reload.", reload.when)
            collection.gauge(
                "martlet_memory_limit_bytes", "Memory that ingest, queries and caches may take together.",
                Double(memory.limit))
            collection.gauge(
                "martlet_memory_used_bytes", "Memory that ingest, queries and caches have taken.", Double(memory.used))
            collection.counter(
                "martlet_client_connections_refused_total",
                "Connections closed because their client had as many as one may.", Double(clients.refused))
            if let tls = security.tls {
                collection.gauge(
                    "martlet_tls_certificate_expiration_timestamp_seconds",
                    "When the certificate that new connections are shown expires.", Double(tls.expiry))
            }
            collection.gauge("martlet_ready", "Whether the server wants traffic.", readiness.isReady ? 1 : 0)
        }
    }
}
