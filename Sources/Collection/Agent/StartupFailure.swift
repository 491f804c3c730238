/// The agent cannot begin a part of its work.
package struct StartupFailure: Error, Sendable, CustomStringConvertible {
    /// One line.
    package let description: String

    /// - Parameter description: one line.
    package init(_ description: String) { self.description = description }
}
