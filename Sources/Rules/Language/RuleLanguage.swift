/// A language that expressions of rules are written in.
package protocol RuleLanguage: Sendable {
    /// Parses an expression, and refuses what gives neither series nor a number. What is thrown describes itself; its text
    /// stands in the errors of rule files.
    func parse(_ text: String) throws -> RuleExpression
}
