/// Why JSON was refused, and where.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Offset of the offending byte.
    package let offset: Int
    /// What is wrong, without the offset.
    package let reason: String

    package init(offset: Int, reason: String) {
        self.offset = offset
        self.reason = reason
    }

    package var description: String { "invalid JSON at offset \(offset): \(reason)" }
}
