package import Service

/// The metrics of notifications, under Prometheus' names.
package enum NotificationMetrics {
    /// Adds what the notifier counts.
    package static func register(_ notifier: AlertNotifier, in registry: MetricRegistry) {
        registry.collect { collection in
            let counts = notifier.counts
            func samples(_ value: (AlertNotifier.Counts) -> Int) -> [MetricCollection.Sample] {
                counts.map { ([(name: "alertmanager", value: $0.url)], Double(value($0))) }
            }
            collection.counters(
                "prometheus_notifications_sent_total", "Total number of alerts sent.", samples(\.sent))
            collection.counters(
                "prometheus_notifications_errors_total", "Total number of sent alerts affected by errors.",
                samples(\.failed))
            collection.counters(
                "prometheus_notifications_dropped_total",
                "Total number of alerts dropped due to errors when sending to Alertmanager.", samples(\.dropped))
            collection.gauges(
                "prometheus_notifications_queue_length", "The number of alert notifications in the queue.",
                samples(\.length))
            collection.gauge(
                "prometheus_notifications_queue_capacity", "The capacity of the alert notifications queue.",
                Double(notifier.options.queueCapacity))
            collection.gauge(
                "prometheus_notifications_alertmanagers_discovered",
                "The number of alertmanagers discovered and active.", Double(counts.count))
        }
    }
}
