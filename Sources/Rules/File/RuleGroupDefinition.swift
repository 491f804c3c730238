/// A group of rules as its file has it.
package struct RuleGroupDefinition: Sendable, Hashable {
    package var name: String
    /// Between evaluations, in milliseconds; nil for the server's own.
    package var intervalMs: Int64?
    /// How far back queries look, in milliseconds; nil for the server's own.
    package var queryOffsetMs: Int64?
    /// Series or alerts that one rule may give; 0 sets no limit.
    package var limit = 0
    /// What the file says for all rules; they have it in their own labels as well.
    package var labels: [String: String] = [:]
    package var rules: [RuleDefinition] = []

    /// A group without rules.
    package init(name: String) {
        self.name = name
    }
}
