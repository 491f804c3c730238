/// A selector that cannot be read.
package struct LineSelectorError: Error, Sendable, Equatable, CustomStringConvertible {
    /// As written.
    package let selector: String
    /// What is wrong.
    package let reason: String

    /// One line.
    package var description: String { "bad selector \(selector): \(reason)" }
}
