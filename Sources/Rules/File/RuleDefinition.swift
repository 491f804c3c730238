/// One rule as its file has it.
package struct RuleDefinition: Sendable, Hashable {
    /// What its expression makes.
    package enum Kind: Sendable, Hashable {
        /// A series of the rule's name.
        case recording
        /// Alerts of the rule's name.
        case alerting
    }

    package var kind: Kind
    package var name: String
    package var expression: RuleExpression
    /// How long its expression must hold before an alert fires, in milliseconds.
    package var holdMs: Int64 = 0
    /// How long an alert fires on when its expression holds no more, in milliseconds.
    package var keepFiringMs: Int64 = 0
    /// Labels of what it makes, those of its group included; an empty value takes the label away. Of alerts, templates.
    package var labels: [String: String] = [:]
    /// Of alerts only; templates.
    package var annotations: [String: String] = [:]

    /// A rule without labels.
    package init(_ kind: Kind, _ name: String, _ expression: RuleExpression) {
        self.kind = kind
        self.name = name
        self.expression = expression
    }

    /// Names of the series it writes.
    var outputs: [String] { kind == .recording ? [name] : [AlertSeries.state, AlertSeries.activeSince] }
}
