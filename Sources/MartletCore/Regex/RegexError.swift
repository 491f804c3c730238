/// Why a regular expression was refused; the description is Go's own wording.
package struct RegexError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, without the expression: `missing closing )`.
    package let reason: String
    /// The part of the expression that is wrong.
    package let expression: String

    package init(reason: String, expression: String) {
        self.reason = reason
        self.expression = expression
    }

    package var description: String { "error parsing regexp: \(reason): `\(expression)`" }
}
