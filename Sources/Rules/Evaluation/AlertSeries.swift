import MartletCore

/// The series that tell of alerts, under Prometheus' names.
package enum AlertSeries {
    /// 1 for each alert that is pending or firing.
    static let state = "ALERTS"
    /// When an alert became active, in Unix seconds.
    static let activeSince = "ALERTS_FOR_STATE"
    /// Both.
    package static let names: Set<String> = [state, activeSince]
    /// Says which of the two it is, in `ALERTS`.
    static let stateLabel = "alertstate"
    /// The alert's name.
    static let nameLabel = "alertname"

    /// Both series of an alert. The rule's labels stand where templates gave none.
    static func samples(_ alert: ActiveAlert, _ rule: RuleDefinition, timeMs: Int64) -> [RuleSample] {
        var builder = LabelsBuilder()
        for (name, value) in rule.labels { builder.set(name, value) }
        alert.labels.forEach { builder.setBytes($0, $1) }
        builder.set(nameLabel, rule.name)
        builder.set(Labels.metricName, activeSince)
        let since = RuleSample(labels: builder.build(), timeMs: timeMs, value: Double(alert.activeAtMs / 1000))
        builder.set(Labels.metricName, state)
        builder.set(stateLabel, alert.state.rawValue)
        return [RuleSample(labels: builder.build(), timeMs: timeMs, value: 1), since]
    }
}
