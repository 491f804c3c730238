/// Durations in Go's syntax: `300ms`, `1h2m3.5s`, `-1.5h`. Values are nanoseconds.
package enum GoDuration {
    /// Why a text is no duration.
    private enum Problem: Error {
        case invalid
        case missingUnit
        case unknownUnit(Range<Int>)
    }

    /// Nanoseconds of a duration, as `time.ParseDuration` reads it.
    package static func parse(_ text: String) throws(DurationError) -> Int64 {
        try Bytes.of(text) { (bytes) throws(DurationError) in
            do throws(Problem) {
                return try read(bytes)
            } catch {
                switch error {
                case .invalid: throw DurationError("time: invalid duration \(GoQuote.quote(text))")
                case .missingUnit: throw DurationError("time: missing unit in duration \(GoQuote.quote(text))")
                case .unknownUnit(let range):
                    let unit = GoQuote.quote(String(decoding: bytes[range], as: UTF8.self))
                    throw DurationError("time: unknown unit \(unit) in duration \(GoQuote.quote(text))")
                }
            }
        }
    }

    /// The same without an explanation: nil for what is no duration.
    package static func nanoseconds(_ text: UnsafeRawBufferPointer) -> Int64? { try? read(text) }

    private static func read(_ bytes: UnsafeRawBufferPointer) throws(Problem) -> Int64 {
        var index = 0
        var negative = false
        if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            negative = sign == UInt8(ascii: "-")
            index = 1
        }
        if bytes.count == index + 1, bytes[index] == UInt8(ascii: "0") { return 0 }
        if index == bytes.count { throw .invalid }
        var total: UInt64 = 0
        while index < bytes.count {
            var whole: UInt64 = 0
            let start = index
            while index < bytes.count, let digit = digit(bytes[index]) {
                let (product, tooLarge) = whole.multipliedReportingOverflow(by: 10)
                let (sum, carried) = product.addingReportingOverflow(digit)
                if tooLarge || carried || sum > 1 << 63 { throw .invalid }
                whole = sum
                index += 1
            }
            var hasDigits = index > start
            var fraction: UInt64 = 0
            var scale = 1.0
            if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
                index += 1
                while index < bytes.count, let digit = digit(bytes[index]) {
                    // Digits beyond the range cannot change the nanoseconds.
                    if fraction < 100_000_000_000_000_000 {
                        fraction = fraction * 10 + digit
                        scale *= 10
                    }
                    hasDigits = true
                    index += 1
                }
            }
            if !hasDigits { throw .invalid }
            let name = index
            while index < bytes.count, bytes[index] != UInt8(ascii: "."), digit(bytes[index]) == nil { index += 1 }
            if name == index { throw .missingUnit }
            guard let unit = unit(UnsafeRawBufferPointer(rebasing: bytes[name..<index])) else {
                throw .unknownUnit(name..<index)
            }
            let (product, tooLarge) = whole.multipliedReportingOverflow(by: unit)
            let extra = UInt64(Double(fraction) * (Double(unit) / scale))
            let (sum, carried) = total.addingReportingOverflow(product)
            let (withFraction, carriedAgain) = sum.addingReportingOverflow(extra)
            if tooLarge || carried || carriedAgain || withFraction > 1 << 63 { throw .invalid }
            total = withFraction
        }
        if negative {
            return total == 1 << 63 ? Int64.min : -Int64(total)
        }
        if total > UInt64(Int64.max) { throw .invalid }
        return Int64(total)
    }

    /// Nanoseconds of a unit.
    private static func unit(_ name: UnsafeRawBufferPointer) -> UInt64? {
        switch (name.count, name[0]) {
        case (1, UInt8(ascii: "s")): return 1_000_000_000
        case (1, UInt8(ascii: "m")): return 60_000_000_000
        case (1, UInt8(ascii: "h")): return 3_600_000_000_000
        case (2, _) where name[1] == UInt8(ascii: "s"):
            switch name[0] {
            case UInt8(ascii: "n"): return 1
            case UInt8(ascii: "u"): return 1000
            case UInt8(ascii: "m"): return 1_000_000
            default: return nil
            }
        // The micro sign and the Greek letter.
        case (3, _) where name[2] == UInt8(ascii: "s"):
            return name[0] == 0xC2 && name[1] == 0xB5 || name[0] == 0xCE && name[1] == 0xBC ? 1000 : nil
        default: return nil
        }
    }

    /// The text of Go's `Duration.String`: `1h2m3.5s`, `300ms`, `0s`.
    package static func format(_ nanoseconds: Int64) -> String {
        if nanoseconds == 0 { return "0s" }
        let magnitude = nanoseconds.magnitude
        let sign = nanoseconds < 0 ? "-" : ""
        if magnitude < 1000 { return "\(sign)\(magnitude)ns" }
        if magnitude < 1_000_000 { return sign + decimal(magnitude, 1000) + "µs" }
        if magnitude < 1_000_000_000 { return sign + decimal(magnitude, 1_000_000) + "ms" }
        let minutes = magnitude / 60_000_000_000
        let seconds = decimal(magnitude % 60_000_000_000, 1_000_000_000) + "s"
        if minutes == 0 { return sign + seconds }
        if minutes < 60 { return "\(sign)\(minutes)m\(seconds)" }
        return "\(sign)\(minutes / 60)h\(minutes % 60)m\(seconds)"
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? UInt64(byte - UInt8(ascii: "0")) : nil
    }

    private static func decimal(_ value: UInt64, _ unit: UInt64) -> String {
        var fraction = value % unit
        if fraction == 0 { return "\(value / unit)" }
        var digits = ""
        var scale = unit / 10
        while fraction > 0 {
            digits += "\(fraction / scale)"
            fraction %= scale
            scale /= 10
        }
        return "\(value / unit).\(digits)"
    }
}
