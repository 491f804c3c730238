/// Double-quoted text as Go's `strconv.Quote` writes it, and its inverse.
package enum GoQuote {
    /// The quoted form of `text`.
    package static func quote(_ text: String) -> String {
        var bytes: [UInt8] = []
        Bytes.of(text) { append($0, to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A character in single quotes, as Go's `strconv.QuoteRune` writes it.
    package static func quote(_ scalar: Unicode.Scalar) -> String {
        if scalar == "'" { return "'\\''" }
        if scalar == "\"" { return "'\"'" }
        let quoted = quote(String(scalar)).unicodeScalars
        return "'" + String(String.UnicodeScalarView(quoted.dropFirst().dropLast())) + "'"
    }

    /// Appends the quoted form. Bytes that are not UTF-8 become `\x` escapes.
    package static func append(_ text: UnsafeRawBufferPointer, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        var offset = 0
        while offset < text.count {
            let byte = text[offset]
            if byte < 0x80 {
                appendASCII(byte, to: &out)
                offset += 1
                continue
            }
            guard let (scalar, length) = scalar(in: text, at: offset) else {
                out.append(contentsOf: "\\x".utf8)
                appendHex(UInt32(byte), digits: 2, to: &out)
                offset += 1
                continue
            }
            if isPrintable(scalar) {
                out.append(contentsOf: text[offset..<offset + length])
            } else if scalar.value < 0x10000 {
                out.append(contentsOf: "\\u".utf8)
                appendHex(scalar.value, digits: 4, to: &out)
            } else {
                out.append(contentsOf: "\\U".utf8)
                appendHex(scalar.value, digits: 8, to: &out)
            }
            offset += length
        }
        out.append(UInt8(ascii: "\""))
    }

    /// What stands between the quotes of a literal, with escapes resolved.
    package static func unquote(
        inside text: ArraySlice<UInt8>, quote: UInt8 = UInt8(ascii: "\"")
    ) throws(GoEscape.Problem) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(text.count)
        var position = text.startIndex
        while position < text.endIndex {
            let byte = text[position]
            position += 1
            if byte == UInt8(ascii: "\\") {
                try GoEscape.read(text, at: &position, quote: quote, into: &out)
            } else {
                out.append(byte)
            }
        }
        return out
    }

    /// The scalar whose well-formed UTF-8 begins at `offset` and its length in bytes; nil when it is not well-formed.
    package static func scalar(in text: UnsafeRawBufferPointer, at offset: Int) -> (Unicode.Scalar, Int)? {
        let first = text[offset]
        let length: Int
        switch first {
        case 0..<0x80: return (Unicode.Scalar(first), 1)
        case 0xc2...0xdf: length = 2
        case 0xe0...0xef: length = 3
        case 0xf0...0xf4: length = 4
        default: return nil
        }
        guard offset + length <= text.count else { return nil }
        let piece = UnsafeRawBufferPointer(rebasing: text[offset..<offset + length])
        guard Bytes.isValidUTF8(piece) else { return nil }
        var value = UInt32(first) & (0x7f >> UInt32(length))
        for index in 1..<length { value = value << 6 | UInt32(piece[index] & 0x3f) }
        guard let scalar = Unicode.Scalar(value) else { return nil }
        return (scalar, length)
    }

    private static func appendASCII(_ byte: UInt8, to out: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): out.append(contentsOf: "\\\"".utf8)
        case UInt8(ascii: "\\"): out.append(contentsOf: "\\\\".utf8)
        case 7: out.append(contentsOf: "\\a".utf8)
        case 8: out.append(contentsOf: "\\b".utf8)
        case 12: out.append(contentsOf: "\\f".utf8)
        case 10: out.append(contentsOf: "\\n".utf8)
        case 13: out.append(contentsOf: "\\r".utf8)
        case 9: out.append(contentsOf: "\\t".utf8)
        case 11: out.append(contentsOf: "\\v".utf8)
        case 0..<0x20, 0x7f:
            out.append(contentsOf: "\\x".utf8)
            appendHex(UInt32(byte), digits: 2, to: &out)
        default: out.append(byte)
        }
    }

    private static func appendHex(_ value: UInt32, digits: Int, to out: inout [UInt8]) {
        for position in stride(from: digits - 1, through: 0, by: -1) {
            let digit = UInt8(truncatingIfNeeded: value >> UInt32(4 * position)) & 15
            out.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }
}
