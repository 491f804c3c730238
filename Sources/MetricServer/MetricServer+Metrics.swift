import MartletCore
import MetricStorage
import RemoteStorage
import Rules
import Scraping
package import Service

extension MetricServer {
    /// Adds the server's own metrics, under Prometheus' names where it has them.
    package func register(in registry: MetricRegistry) {
        RuleMetrics.register(rules.manager, in: registry)
        NotificationMetrics.register(rules.notifier, in: registry)
        if let remoteWriter { RemoteWriteMetrics.register(remoteWriter, in: registry) }
        registry.collect { [store, scrapes, writes, tenants, writers] collection in
            if let writers {
                collection.gauges(
                    "martlet_metrics_query_writer_up",
                    "Whether a server of --query.writers was there when it was last asked.",
                    writers.states.map { ([(name: "writer", value: $0.url)], $0.isAnswering ? 1 : 0) })
            }
            let head = store.statistics
            collection.gauge(
                "prometheus_tsdb_head_series", "Total number of series in the head block.", Double(head.series))
            collection.gauge(
                "prometheus_tsdb_head_chunks", "Total number of chunks in the head block.", Double(head.chunks))
            collection.counters(
                "prometheus_tsdb_head_samples_appended_total", "Total number of appended samples.",
                [([(name: "type", value: "float")], Double(head.samplesAppended))])
            if head.maxTimeMs != .min {
                collection.gauge(
                    "prometheus_tsdb_head_max_time_seconds", "Maximum timestamp of the head block.",
                    Double(head.maxTimeMs / 1000))
            }
            collection.gauge(
                "martlet_metrics_head_memory_bytes", "Memory that the head holds.", Double(head.memoryBytes))
            collection.gauge(
                "prometheus_tsdb_blocks_loaded", "Number of currently loaded data blocks.", Double(head.blocks))
            collection.gauge(
                "prometheus_tsdb_storage_blocks_bytes", "Bytes that blocks take on disk.", Double(head.blockBytes))
            collection.gauge(
                "martlet_metrics_tenants", "Tenants with a store of their own, the main one included.",
                Double(tenants.all.count))
            let targets = scrapes.targets.active
            let pools = Dictionary(grouping: targets, by: \.scrapePool)
            collection.gauges(
                "prometheus_target_scrape_pool_targets", "Current number of targets in this scrape pool.",
                pools.sorted { $0.key < $1.key }.map {
                    ([(name: "scrape_job", value: $0.key)], Double($0.value.count))
                })
            let counters = writes.counters
            collection.counters(
                "martlet_metrics_pushed_samples_total",
                "Samples that came by remote write or OTLP, by what became of them.",
                [
                    ([(name: "outcome", value: "appended")], Double(counters.appended)),
                    ([(name: "outcome", value: "rejected")], Double(counters.rejected)),
                    ([(name: "outcome", value: "memory_limit")], Double(counters.refusedForMemory)),
                ])
        }
    }
}
