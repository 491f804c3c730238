/// The name of a block: a ULID (github.com/ulid/spec), 48 bits of milliseconds and 80 random bits, written as 26 digits
/// of Crockford's base 32.
package struct BlockID: Sendable, Hashable, Comparable, CustomStringConvertible {
    private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// The 26 digits.
    package let description: String

    /// An id for something that is made at this time.
    package init(timeMs: Int64, random: inout some RandomNumberGenerator) {
        var high = UInt128(UInt64(max(0, timeMs)) & 0xFFFF_FFFF_FFFF) << 80
        high |= UInt128(UInt16.random(in: 0 ... .max, using: &random)) << 64
        var rest = high | UInt128(UInt64.random(in: 0 ... .max, using: &random))
        var text = [UInt8](repeating: 0, count: 26)
        for index in text.indices.reversed() {
            text[index] = Self.digits[Int(rest & 31)]
            rest >>= 5
        }
        description = String(decoding: text, as: UTF8.self)
    }

    /// Nil unless the text is 26 digits of the alphabet, of which the first is at most 7 (128 bits).
    package init?(_ text: String) {
        guard text.utf8.count == 26, let first = text.utf8.first, first <= UInt8(ascii: "7"),
            text.utf8.allSatisfy(Self.digits.contains)
        else { return nil }
        description = text
    }

    /// Order of birth.
    package static func < (a: Self, b: Self) -> Bool {
        a.description.utf8.lexicographicallyPrecedes(b.description.utf8)
    }
}
