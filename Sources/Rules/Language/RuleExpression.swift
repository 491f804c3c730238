package import MartletCore

/// The expression of a rule, as its language has parsed it.
package struct RuleExpression: Sendable, Hashable, CustomStringConvertible {
    /// As its language writes it. Expressions that are written alike are the same.
    package let description: String
    /// What the language made of the text, for its evaluator.
    package let parsed: any Sendable
    /// For each of its selectors that may see what rules write, the matchers of series' names.
    package let reads: [[Matcher]]

    /// What a language has parsed, and what of it can be seen from outside.
    package init(_ parsed: some Sendable & CustomStringConvertible, reads: [[Matcher]] = []) {
        description = parsed.description
        self.parsed = parsed
        self.reads = reads
    }

    package static func == (a: RuleExpression, b: RuleExpression) -> Bool { a.description == b.description }

    package func hash(into hasher: inout Hasher) { hasher.combine(description) }
}
