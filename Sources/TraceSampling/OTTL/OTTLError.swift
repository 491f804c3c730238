/// Why a condition is not taken.
package struct OTTLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, and what is known instead where that helps.
    package let message: String
    /// One-based place in the text, in characters.
    package let column: Int

    init(_ message: String, at offset: Int, in text: [UInt8]) {
        self.message = message
        column = String(decoding: text.prefix(offset), as: UTF8.self).count + 1
    }

    package var description: String { "at character \(column): \(message)" }
}
