import Glibc

/// Reads floats as Go's `strconv.ParseFloat` does, less hexadecimal and underscores, which the field's formats refuse.
package enum FloatParser {
    private static let exactPowersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20,
        1e21, 1e22,
    ]

    /// The number that all of `text` spells; nil when it spells none or one out of range.
    package static func parse(_ text: UnsafeRawBufferPointer) -> Double? {
        var index = 0
        var isNegative = false
        if let first = text.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            isNegative = first == UInt8(ascii: "-")
            index = 1
        }
        var mantissa: UInt64 = 0
        var digits = 0
        var significant = 0
        var exponent = 0
        var sawPoint = false
        while index < text.count {
            let byte = text[index]
            if byte &- 0x30 <= 9 {
                digits += 1
                if significant < 19 {
                    mantissa = mantissa * 10 + UInt64(byte - 0x30)
                    if mantissa != 0 { significant += 1 }
                    if sawPoint { exponent -= 1 }
                } else {
                    // More digits than a word holds: strtod decides.
                    significant += 1
                }
            } else if byte == UInt8(ascii: "."), !sawPoint {
                sawPoint = true
            } else {
                break
            }
            index += 1
        }
        guard digits > 0 else {
            return word(text, from: isNegative || text.first == UInt8(ascii: "+") ? 1 : 0, isNegative)
        }
        if index < text.count {
            guard text[index] | 0x20 == UInt8(ascii: "e"), let written = integer(text, from: index + 1) else {
                return nil
            }
            exponent += written
        }
        if significant <= 19, mantissa <= 1 << 53 {
            // Both factors are exact doubles, so one rounding gives the nearest result (Clinger 1990).
            if exponent == 0 { return isNegative ? -Double(mantissa) : Double(mantissa) }
            if exponent > 0, exponent <= 22 {
                let value = Double(mantissa) * exactPowersOfTen[exponent]
                return isNegative ? -value : value
            }
            if exponent < 0, exponent >= -22 {
                let value = Double(mantissa) / exactPowersOfTen[-exponent]
                return isNegative ? -value : value
            }
        }
        return slow(text)
    }

    /// The decimal integer that all of `text` spells, sign allowed; nil when it spells none or one out of range.
    package static func parseInteger(_ text: UnsafeRawBufferPointer) -> Int64? {
        var index = 0
        var isNegative = false
        if let first = text.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            isNegative = first == UInt8(ascii: "-")
            index = 1
        }
        guard index < text.count else { return nil }
        var value: Int64 = 0
        while index < text.count {
            let digit = text[index] &- 0x30
            guard digit <= 9 else { return nil }
            // Counting down reaches Int64.min as well.
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, overflow2) = scaled.subtractingReportingOverflow(Int64(digit))
            if overflow || overflow2 { return nil }
            value = next
            index += 1
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    /// An exponent; anything beyond a few thousand is as good as that.
    private static func integer(_ text: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var index = start
        var isNegative = false
        if index < text.count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
            isNegative = text[index] == UInt8(ascii: "-")
            index += 1
        }
        guard index < text.count else { return nil }
        var value = 0
        while index < text.count {
            let digit = text[index] &- 0x30
            guard digit <= 9 else { return nil }
            if value < 100_000 { value = value * 10 + Int(digit) }
            index += 1
        }
        return isNegative ? -value : value
    }

    /// NaN and the infinities, in any case; NaN takes no sign.
    private static func word(_ text: UnsafeRawBufferPointer, from start: Int, _ isNegative: Bool) -> Double? {
        func spells(_ word: StaticString) -> Bool {
            guard text.count - start == word.utf8CodeUnitCount else { return false }
            for index in 0..<word.utf8CodeUnitCount where text[start + index] | 0x20 != word.utf8Start[index] {
                return false
            }
            return true
        }
        if start == 0, spells("nan") { return .nan }
        if spells("inf") || spells("infinity") { return isNegative ? -.infinity : .infinity }
        return nil
    }

    /// Text already known to be a plain decimal number.
    private static func slow(_ text: UnsafeRawBufferPointer) -> Double? {
        let value = withUnsafeTemporaryAllocation(of: CChar.self, capacity: text.count + 1) { buffer -> Double in
            for index in 0..<text.count { buffer[index] = CChar(bitPattern: text[index]) }
            buffer[text.count] = 0
            guard let start = buffer.baseAddress else { return .nan }
            return strtod(start, nil)
        }
        return value.isInfinite ? nil : value
    }
}
