/// A file that could not be used, and why; shown on the first page and in the log.
package struct BoardProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file or directory.
    package let path: String
    /// The reason in one line.
    package let message: String

    package init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    package var description: String { "\(path): \(message)" }
}
