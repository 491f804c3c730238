/// Why a condition has no answer for a span: a value is not of the type that a function or a calculation takes.
package struct OTTLFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    package let message: String

    init(_ message: String) {
        self.message = message
    }

    package var description: String { message }
}
