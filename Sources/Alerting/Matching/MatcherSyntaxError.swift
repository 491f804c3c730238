/// Text that is not a matcher or a list of them.
package struct MatcherSyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    package let reason: String

    /// The reason.
    package var description: String { reason }
}
