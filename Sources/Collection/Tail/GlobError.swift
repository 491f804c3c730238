/// A path pattern that cannot be understood.
package struct GlobError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The pattern as written.
    package let pattern: String
    /// What is wrong with it.
    package let reason: String

    /// One line for the log or the configuration error.
    package var description: String { "bad path pattern \"\(pattern)\": \(reason)" }
}
