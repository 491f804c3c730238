package import Service

/// This server's own metrics under Alertmanager's names.
package enum AlertMetrics {
    /// Describes the counters, and adds the counts of alerts, groups and silences to every reading.
    package static func register(_ manager: AlertManager, in registry: MetricRegistry) {
        for (name, help) in [
            ("alertmanager_alerts_received_total", "The total number of received alerts."),
            ("alertmanager_alerts_invalid_total", "The total number of received alerts that were invalid."),
            ("alertmanager_notifications_total", "The total number of attempted notifications."),
            ("alertmanager_notifications_failed_total", "The total number of failed notifications."),
            ("alertmanager_notification_requests_total", "The total number of attempted notification requests."),
            ("alertmanager_notification_requests_failed_total", "The total number of failed notification requests."),
        ] {
            registry.describe(name, help)
        }
        registry.collect { collection in
            let counts = manager.counts()
            collection.gauges(
                "alertmanager_alerts", "How many alerts by state.",
                [
                    ([("state", "active")], Double(counts.active)),
                    ([("state", "suppressed")], Double(counts.suppressed)),
                ])
            collection.gauge(
                "alertmanager_dispatcher_aggregation_groups", "Number of active aggregation groups.",
                Double(counts.groups))
            collection.gauges(
                "alertmanager_silences", "How many silences by state.",
                [Silence.State.active, .expired, .pending].map { state in
                    ([("state", state.rawValue)], Double(counts.silences[state] ?? 0))
                })
        }
    }
}
