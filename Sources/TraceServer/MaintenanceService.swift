import Metrics
package import Service
import ServiceLifecycle
package import TraceStorage

/// Writes, merges and lets go parts, also while no spans arrive, and keeps the gauges of what is held.
package struct MaintenanceService: ServiceLifecycle.Service {
    private let database: TraceDatabase
    private let blocking: BlockingPool
    private let now: @Sendable () -> UInt64

    /// - Parameter now: Unix nanoseconds.
    package init(_ database: TraceDatabase, blocking: BlockingPool, now: @escaping @Sendable () -> UInt64) {
        self.database = database
        self.blocking = blocking
        self.now = now
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // A full pool only means that this round is skipped.
                let held = try? await blocking.run { [database, now] in
                    database.maintain(now: now())
                    return database.all.map { ($0.tenant, $0.store.statistics()) }
                }
                for (tenant, statistics) in held ?? [] { Self.record(tenant, statistics) }
                try? await Task.sleep(for: .seconds(5))
            }
        }
    }

    private static func record(_ tenant: String, _ held: TraceStore.Statistics) {
        let labels = [("tenant", tenant)]
        Gauge(label: "martlet_traces_spans", dimensions: labels).record(held.spans)
        Gauge(label: "martlet_traces_traces", dimensions: labels).record(held.traces)
        Gauge(label: "martlet_traces_memory_bytes", dimensions: labels).record(held.memory)
        Gauge(label: "martlet_traces_log_bytes", dimensions: labels).record(held.logBytes)
        Gauge(label: "martlet_traces_parts", dimensions: labels).record(held.parts)
        Gauge(label: "martlet_traces_part_bytes", dimensions: labels).record(held.partBytes)
        Gauge(label: "martlet_traces_expired_spans", dimensions: labels).record(held.expired)
    }
}
