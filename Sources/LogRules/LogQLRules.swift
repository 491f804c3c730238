import LogQL
package import Rules

/// LogQL as the language of rules.
package struct LogQLRules: RuleLanguage {
    /// The language; it has no options.
    package init() {}

    package func parse(_ text: String) throws -> RuleExpression {
        let expression = try QueryExpression(parsing: text)
        guard !expression.isLog else {
            throw LogQueryError(
                .badQuery,
                "a log query gives lines, a rule needs numbers: count them, as with count_over_time(\(expression) [5m])"
            )
        }
        // It reads streams, never the series that rules write.
        return RuleExpression(expression)
    }
}
