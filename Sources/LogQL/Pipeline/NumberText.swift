import MartletCore

/// Numbers, durations and sizes in label values.
enum NumberText {
    /// The value of `text`, nanoseconds for durations, bytes for sizes; nil when it cannot be read.
    static func value(_ text: UnsafeRawBufferPointer, _ unit: LabelFilter.Unit) -> Double? {
        switch unit {
        case .number: number(text)
        case .duration: GoDuration.nanoseconds(text).map { Double($0) }
        case .bytes: try? ByteCountText.parse(String(decoding: text, as: UTF8.self))
        }
    }

    /// A floating-point number as Go's `ParseFloat` reads it, short decimals by hand.
    static func number(_ text: UnsafeRawBufferPointer) -> Double? {
        var mantissa: UInt64 = 0
        var digits = 0
        var decimals = 0
        var isFraction = false
        var index = 0
        let isNegative = text.first == UInt8(ascii: "-")
        if isNegative { index = 1 }
        while index < text.count {
            let byte = text[index]
            if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), digits < 15 {
                mantissa = mantissa * 10 + UInt64(byte - UInt8(ascii: "0"))
                digits += 1
                if isFraction { decimals += 1 }
            } else if byte == UInt8(ascii: "."), !isFraction {
                isFraction = true
            } else {
                return uncommon(String(decoding: text, as: UTF8.self))
            }
            index += 1
        }
        guard digits > 0 else { return nil }
        // Both are exact below 2^53 and 10^22, so the one division rounds correctly.
        let value = Double(mantissa) / powersOfTen[decimals]
        return isNegative ? -value : value
    }

    /// Whether Go's `ParseFloat` would read a text.
    static func isFloat(_ text: String) -> Bool { uncommon(text) != nil }

    /// What `ParseFloat` takes: underscores between digits; hexadecimal digits with an exponent only; the names of infinity
    /// and, without a sign, of NaN; nothing that is too large.
    private static func uncommon(_ text: String) -> Double? {
        guard let first = text.utf8.first, first > UInt8(ascii: " "), !text.utf8.contains(UInt8(ascii: "(")) else {
            return nil
        }
        let lower = text.lowercased()
        let digits = lower.first == "+" || lower.first == "-" ? lower.dropFirst() : lower[...]
        if digits == "inf" || digits == "infinity" { return Double(lower) }
        if digits.hasPrefix("n") { return lower == "nan" ? .nan : nil }
        if digits.hasPrefix("0x"), !digits.contains("p") { return nil }
        guard digits.utf8.contains(UInt8(ascii: "_")) else { return finite(lower) }
        let isHex = digits.hasPrefix("0x")
        let pieces = (isHex ? digits.dropFirst(2) : digits).split(separator: "_", omittingEmptySubsequences: false)
        for (index, piece) in pieces.enumerated() {
            // Right behind the prefix one may stand.
            if piece.isEmpty, index == 0, isHex { continue }
            guard let first = piece.first, let last = piece.last, index == 0 || first.isHexDigit,
                index == pieces.count - 1 || last.isHexDigit
            else { return nil }
        }
        return finite(lower.filter { $0 != "_" })
    }

    private static func finite(_ text: String) -> Double? { Double(text).flatMap { $0.isFinite ? $0 : nil } }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]

    /// The error's details, in Go's words.
    static func complaint(_ text: String, _ unit: LabelFilter.Unit) -> String {
        do {
            switch unit {
            case .number: break
            case .duration: _ = try GoDuration.parse(text)
            case .bytes: _ = try ByteCountText.parse(text)
            }
        } catch {
            return "\(error)"
        }
        return "strconv.ParseFloat: parsing \(GoQuote.quote(text)): invalid syntax"
    }
}
