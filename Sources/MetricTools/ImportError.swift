/// A mistake in a file that is imported: `file:line: message`.
package struct ImportError: Error, CustomStringConvertible {
    /// The file as the user named it.
    package let file: String
    /// From 1; nil when the mistake is the file's as a whole.
    package let line: Int?
    /// What is wrong.
    package let message: String

    package var description: String { line.map { "\(file):\($0): \(message)" } ?? "\(file): \(message)" }
}
