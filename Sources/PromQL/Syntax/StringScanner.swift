import MartletCore

/// Finds the end of a quoted string and checks its escapes.
struct StringScanner {
    private let bytes: [UInt8]
    private let quote: UInt8
    /// Behind what was read.
    private(set) var index: Int

    init(_ bytes: [UInt8], at index: Int, quote: UInt8) {
        self.bytes = bytes
        self.quote = quote
        self.index = index
    }

    /// What is wrong with the string that begins here, or nil.
    mutating func scan() -> String? {
        index += 1
        let isRaw = quote == UInt8(ascii: "`")
        while index < bytes.count {
            let byte = bytes[index]
            if byte == quote {
                index += 1
                return nil
            }
            if !isRaw, byte == 0x0a { break }
            if !isRaw, byte == UInt8(ascii: "\\") {
                index += 1
                if let problem = escape() { return problem }
                continue
            }
            if byte < 0x80 {
                index += 1
            } else {
                guard let (scalar, length) = scalar(), scalar != "\u{fffd}" else { return "invalid UTF-8 rune" }
                index += length
            }
        }
        return isRaw ? "unterminated raw string" : "unterminated quoted string"
    }

    private func scalar() -> (Unicode.Scalar, Int)? {
        bytes.withUnsafeBytes { GoQuote.scalar(in: $0, at: index) }
    }

    /// Checks what follows a backslash.
    private mutating func escape() -> String? {
        var resolved: [UInt8] = []
        do throws(GoEscape.Problem) {
            try GoEscape.read(bytes, at: &index, quote: quote, into: &resolved)
            return nil
        } catch {
            switch error {
            case .unterminated: return "escape sequence not terminated"
            case .unknown: return "unknown escape sequence \(described())"
            case .notADigit: return "illegal character \(described()) in escape sequence"
            case .invalidCodePoint: return "escape sequence is an invalid Unicode code point"
            }
        }
    }

    /// The character here as Go's `%#U` writes it.
    private func described() -> String {
        let scalar = scalar()?.0 ?? "\u{fffd}"
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "U+\(String(repeating: "0", count: max(0, 4 - digits.utf8.count)))\(digits) '\(Character(scalar))'"
    }
}
