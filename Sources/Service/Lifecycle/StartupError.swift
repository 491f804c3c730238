/// A failure of the machine or its state (port in use, locked directory): one line, exit code 1.
package struct StartupError: Error, CustomStringConvertible {
    /// One line, lower-case, naming the flag that cures it where one does.
    package let message: String

    /// - Parameter message: one line, lower-case, actionable.
    package init(_ message: String) {
        self.message = message
    }

    package var description: String { message }
}
