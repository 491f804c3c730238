/// Wrong flags or configuration: the process prints `message` as one line and exits with code 2.
package struct UsageError: Error, CustomStringConvertible {
    /// One line, lower-case, naming the flag or key that cures it.
    package let message: String

    /// - Parameter message: one line, lower-case, actionable.
    package init(_ message: String) {
        self.message = message
    }

    package var description: String { message }
}
