package import MartletCore

/// `filter_policies`: which spans count.
package struct SpanFilter: Sendable {
    /// What a policy looks at.
    package enum Subject: Sendable, Hashable {
        case kind, name, status
        case span(String)
        case resource(String)
    }

    /// What it must be.
    package enum Expected: Sendable {
        case text(String)
        case int(Int64)
        case double(Double)
        case bool(Bool)
        /// Text in which the expression is found.
        case regex(Regex)
    }

    /// Conditions that must all hold.
    package struct Policy: Sendable {
        package var conditions: [(subject: Subject, expected: Expected)]

        /// A policy.
        package init(_ conditions: [(subject: Subject, expected: Expected)]) {
            self.conditions = conditions
        }
    }

    /// All must match, where there are any.
    package var include: [Policy] = []
    /// A span that one of them matches counts, whatever `include` says.
    package var includeAny: [Policy] = []
    /// None may match.
    package var exclude: [Policy] = []

    /// Every span counts.
    package init() {}
}
