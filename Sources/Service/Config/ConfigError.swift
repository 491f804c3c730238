/// A mistake in a configuration file, with its place: the process prints it as one line and exits with code 2.
package struct ConfigError: Error, Equatable, CustomStringConvertible {
    /// The file as the user named it.
    package let file: String
    /// From 1; nil when the mistake is the file's as a whole.
    package let line: Int?
    /// From 1; nil when the mistake is the file's as a whole.
    package let column: Int?
    /// What is wrong, naming the key.
    package let message: String

    /// - Parameters:
    ///   - file: the file as the user named it.
    ///   - line: from 1.
    ///   - column: from 1.
    ///   - message: what is wrong, naming the key.
    package init(file: String, line: Int? = nil, column: Int? = nil, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    package var description: String {
        guard let line else { return "\(file): \(message)" }
        return "\(file):\(line):\(column ?? 1): \(message)"
    }
}
