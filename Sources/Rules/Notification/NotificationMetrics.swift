package import Service

/// The metrics of notifications, under Prometheus' names.
package enum NotificationMetrics {
    /// Adds what the notifier counts.
    package static func register(_ notifier: AlertNotifier, in registry: MetricRegistry) {
        register(in: registry, prefix: "") { [(labels: [], notifier: notifier)] }
    }

    /// Adds what several notifiers count, each with labels of its own; `prefix` stands before the names.
    package static func register(
        in registry: MetricRegistry, prefix: String,
        _ notifiers: @escaping @Sendable () -> [(labels: [(name: String, value: String)], notifier: AlertNotifier)]
    ) {
        registry.collect { collection in
            let all = notifiers().map { (labels: $0.labels, notifier: $0.notifier, counts: $0.notifier.counts) }
            let prefix = prefix + "prometheus_notifications_"
            func samples(_ value: (AlertNotifier.Counts) -> Int) -> [MetricCollection.Sample] {
                all.flatMap { labels, _, counts in
                    counts.map { (labels + [(name: "alertmanager", value: $0.url)], Double(value($0))) }
                }
            }
            collection.counters("\(prefix)sent_total", "Total number of alerts sent.", samples(\.sent))
            collection.counters(
                "\(prefix)errors_total", "Total number of sent alerts affected by errors.", samples(\.failed))
            collection.counters(
                "\(prefix)dropped_total",
                "Total number of alerts dropped due to errors when sending to Alertmanager.", samples(\.dropped))
            collection.gauges(
                "\(prefix)queue_length", "The number of alert notifications in the queue.", samples(\.length))
            collection.gauges(
                "\(prefix)queue_capacity", "The capacity of the alert notifications queue.",
                all.map { ($0.labels, Double($0.notifier.options.queueCapacity)) })
            collection.gauges(
                "\(prefix)alertmanagers_discovered", "The number of alertmanagers discovered and active.",
                all.map { ($0.labels, Double($0.counts.count)) })
        }
    }
}
