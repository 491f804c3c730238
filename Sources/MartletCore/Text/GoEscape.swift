/// The escapes of Go's string literals: `\n`, `\x41`, `\101`, `\u00e9`, `\U0001f600`.
/// Source: The Go Programming Language Specification, "Rune literals".
package enum GoEscape {
    /// Why no escape could be read.
    package enum Problem: Error, Hashable {
        /// The text ends inside the escape.
        case unterminated
        /// No escape begins with this character.
        case unknown
        /// A character that is no digit of this escape.
        case notADigit
        /// The digits stand for a surrogate, for more than a byte, or for more than U+10FFFF.
        case invalidCodePoint
    }

    /// Appends the bytes that an escape stands for.
    /// - position: just behind the backslash; then behind the escape, or at the character that is wrong.
    /// - quote: what closes the literal, and may be escaped itself.
    @inlinable
    package static func read<Text: RandomAccessCollection<UInt8>>(
        _ text: Text, at position: inout Int, quote: UInt8, into out: inout [UInt8]
    ) throws(Problem) where Text.Index == Int {
        guard position < text.endIndex else { throw .unterminated }
        let byte = text[position]
        switch byte {
        case UInt8(ascii: "a"): out.append(7)
        case UInt8(ascii: "b"): out.append(8)
        case UInt8(ascii: "f"): out.append(12)
        case UInt8(ascii: "n"): out.append(10)
        case UInt8(ascii: "r"): out.append(13)
        case UInt8(ascii: "t"): out.append(9)
        case UInt8(ascii: "v"): out.append(11)
        case UInt8(ascii: "\\"), quote: out.append(byte)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            let value = try number(text, at: &position, digits: 3, radix: 8)
            guard value < 256 else { throw .invalidCodePoint }
            out.append(UInt8(value))
            return
        case UInt8(ascii: "x"):
            position += 1
            out.append(UInt8(truncatingIfNeeded: try number(text, at: &position, digits: 2, radix: 16)))
            return
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            position += 1
            let digits = byte == UInt8(ascii: "u") ? 4 : 8
            guard let scalar = Unicode.Scalar(try number(text, at: &position, digits: digits, radix: 16)),
                let encoded = UTF8.encode(scalar)
            else { throw .invalidCodePoint }
            out.append(contentsOf: encoded)
            return
        default: throw .unknown
        }
        position += 1
    }

    @usableFromInline
    static func number<Text: RandomAccessCollection<UInt8>>(
        _ text: Text, at position: inout Int, digits: Int, radix: UInt32
    ) throws(Problem) -> UInt32 where Text.Index == Int {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard position < text.endIndex else { throw .unterminated }
            let digit: UInt32
            switch text[position] {
            case let byte where UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte: digit = UInt32(byte) - 48
            case let byte where UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte: digit = UInt32(byte) - 87
            case let byte where UInt8(ascii: "A")...UInt8(ascii: "F") ~= byte: digit = UInt32(byte) - 55
            default: throw .notADigit
            }
            guard digit < radix else { throw .notADigit }
            value = value &* radix &+ digit
            position += 1
        }
        return value
    }
}
