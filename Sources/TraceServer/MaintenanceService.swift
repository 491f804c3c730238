import Metrics
package import Service
import ServiceLifecycle
import TraceSampling
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
                    return database.all.map { ($0.tenant, $0.store.statistics(), $0.store.takeSamplingCounts()) }
                }
                for (tenant, statistics, sampling) in held ?? [] {
                    Self.record(tenant, statistics)
                    if let sampling { Self.record(tenant, sampling) }
                }
                Self.record(database.cache.reads.take())
                try? await Task.sleep(for: .seconds(5))
            }
        }
    }

    private static func record(_ reads: (read: Int, skipped: Int, searched: Int)) {
        for (result, number) in [("read", reads.read), ("skipped", reads.skipped)] {
            Counter(label: "martlet_traces_row_groups_total", dimensions: [("result", result)]).increment(by: number)
        }
        Counter(label: "martlet_traces_searched_parts_total").increment(by: reads.searched)
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
    /// Under the Collector's names where it has them.
    private static func record(_ tenant: String, _ decided: TailSamplingCounts) {
        let prefix = "otelcol_processor_tail_sampling_"
        let labels = [("tenant", tenant)]
        count(decided.all, prefix + "global_count_traces_sampled", labels)
        for policy in decided.policies {
            count(policy, prefix + "count_traces_sampled", labels + [("policy", policy.policy)])
            if policy.failures > 0 {
                Counter(
                    label: "martlet_traces_condition_failures_total", dimensions: labels + [("policy", policy.policy)]
                ).increment(by: policy.failures)
            }
        }
        Counter(label: "tempo_discarded_spans_total", dimensions: labels + [("reason", "tail_sampling")]).increment(
            by: decided.discardedSpans)
        Counter(label: "martlet_traces_early_decisions_total", dimensions: labels).increment(by: decided.earlyTraces)
        let (seconds, attoseconds) = decided.time.components
        if seconds != 0 || attoseconds != 0 {
            Timer(label: "martlet_traces_sampling_decision_seconds", dimensions: labels).recordNanoseconds(
                seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        }
    }

    private static func count(_ traces: TailSamplingCounts.Traces, _ name: String, _ labels: [(String, String)]) {
        for (decision, number) in [
            ("sampled", traces.sampled), ("not_sampled", traces.notSampled), ("dropped", traces.dropped),
        ] {
            let isSampled = decision == "sampled" ? "true" : "false"
            Counter(label: name, dimensions: labels + [("sampled", isSampled), ("decision", decision)]).increment(
                by: number)
        }
    }
}
