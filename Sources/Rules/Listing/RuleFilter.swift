package import MartletCore

/// Which rules a client asks for.
package struct RuleFilter: Sendable {
    /// Rules of one kind; nil for both.
    package var kind: RuleDefinition.Kind?
    /// Names of rules, of groups, and of files; empty for all.
    package var names: Set<String> = []
    package var groups: Set<String> = []
    package var files: Set<String> = []
    /// What the labels of a rule's definition must match, one of them; empty for all.
    package var matchers: [[Matcher]] = []
    /// Leaves out the alerts of rules.
    package var excludesAlerts = false

    /// All rules, or those of a kind under the API's name for it.
    package init(kind text: String? = nil) throws(RuleParameterError) {
        switch text?.lowercased() ?? "" {
        case "": kind = nil
        case "alert": kind = .alerting
        case "record": kind = .recording
        case let other: throw RuleParameterError("type", "not supported value \(GoQuote.quote(other))")
        }
    }

    func admits(_ group: RuleGroup, file: String) -> Bool {
        (groups.isEmpty || groups.contains(group.definition.name)) && (files.isEmpty || files.contains(file))
    }

    func admits(_ rule: Rule) -> Bool {
        let definition = rule.definition
        guard kind == nil || kind == definition.kind, names.isEmpty || names.contains(definition.name) else {
            return false
        }
        guard !matchers.isEmpty else { return true }
        let labels = Labels(definition.labels.map { ($0.key, $0.value) })
        return matchers.contains { $0.allSatisfy { $0.matches(labels) } }
    }
}

/// A parameter of the API of rules that cannot be, in Prometheus' words.
package struct RuleParameterError: Error, Hashable {
    package let name: String
    package let reason: String

    init(_ name: String, _ reason: String) {
        self.name = name
        self.reason = reason
    }
}
