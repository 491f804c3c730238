package import Service

/// The metrics of rules, under Prometheus' names, and Loki's, which differ in what stands in front.
package enum RuleMetrics {
    private typealias Count = (name: String, help: String, value: (RuleGroup) -> Double?)

    /// Adds what the manager's groups count. `labels` are those of a group beside its name.
    package static func register(
        _ manager: RuleManager, in registry: MetricRegistry, prefix: String = "",
        labels: @escaping @Sendable (RuleGroup) -> [(name: String, value: String)] = { _ in [] }
    ) {
        registry.collect { collection in
            let groups = manager.groups
            func samples(_ value: (RuleGroup) -> Double?) -> [MetricCollection.Sample] {
                groups.compactMap { group in
                    value(group).map { ([(name: "rule_group", value: group.key)] + labels(group), $0) }
                }
            }
            for count in counters {
                collection.counters("\(prefix)prometheus_rule_\(count.name)", count.help, samples(count.value))
            }
            for gauge in gauges {
                collection.gauges("\(prefix)prometheus_rule_\(gauge.name)", gauge.help, samples(gauge.value))
            }
            collection.summary(
                "\(prefix)prometheus_rule_evaluation_duration_seconds", "The duration for a rule to execute.",
                summary(manager.durations.rules, [0.5, 0.9, 0.99]))
            collection.summary(
                "\(prefix)prometheus_rule_group_duration_seconds", "The duration of rule group evaluations.",
                summary(manager.durations.iterations, [0.01, 0.05, 0.5, 0.9, 0.99]))
        }
    }

    private static var counters: [Count] {
        [
            (
                "group_iterations_total",
                "The total number of scheduled rule group evaluations, whether executed or missed.",
                { Double($0.counts.iterations + $0.counts.missed) }
            ),
            (
                "group_iterations_missed_total",
                "The total number of rule group evaluations missed due to slow rule group evaluation.",
                { Double($0.counts.missed) }
            ),
            ("evaluations_total", "The total number of rule evaluations.", { Double($0.counts.evaluations) }),
            (
                "evaluation_failures_total", "The total number of rule evaluation failures.",
                { Double($0.counts.failures) }
            ),
        ]
    }

    private static var gauges: [Count] {
        [
            ("group_interval_seconds", "The interval of a rule group.", { Double($0.intervalMs) / 1000 }),
            (
                "group_last_evaluation_timestamp_seconds",
                "The timestamp of the last rule group evaluation in seconds.",
                { Double($0.counts.evaluatedAtMs ?? 0) / 1000 }
            ),
            (
                "group_last_duration_seconds", "The duration of the last rule group evaluation.",
                { $0.counts.durationSeconds }
            ),
            (
                "group_last_rule_duration_sum_seconds",
                "The sum of time in seconds it took to evaluate each rule in the group regardless of concurrency.",
                { $0.counts.ruleSeconds }
            ),
            (
                "group_last_restore_duration_seconds",
                "The duration of the last alert rules alerts restoration.", { $0.counts.restoreSeconds }
            ),
            ("group_rules", "The number of rules.", { Double($0.rules.count) }),
            (
                "group_last_evaluation_samples",
                "The number of samples returned during the last rule group evaluation.", { Double($0.counts.samples) }
            ),
        ]
    }

    private static func summary(
        _ durations: RuleDurations.Summary, _ quantiles: [Double]
    ) -> MetricCollection.Summary {
        let read = durations.read(quantiles)
        let found = zip(quantiles, read.quantiles).map { (quantile: $0, value: $1) }
        return .init(quantiles: found, sum: read.sum, count: read.count)
    }
}
