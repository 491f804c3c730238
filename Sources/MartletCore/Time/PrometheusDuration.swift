/// Durations as Prometheus writes them: `1y2w3d4h5m6s7ms`, units from large to small, each at most once.
/// A year has 365 days. Values are milliseconds.
package enum PrometheusDuration {
    private static let units: [(name: String, milliseconds: Int64, wholeOnly: Bool)] = [
        ("y", 365 * 86_400_000, true),
        ("w", 7 * 86_400_000, true),
        ("d", 86_400_000, false),
        ("h", 3_600_000, false),
        ("m", 60_000, false),
        ("s", 1000, false),
        ("ms", 1, false),
    ]

    /// Milliseconds of a duration; `0` needs no unit. Longer than Go's 292 years is out of range.
    package static func parse(_ text: String) throws(DurationError) -> Int64 {
        let bytes = Array(text.utf8)
        if bytes.isEmpty { throw DurationError("empty duration string") }
        if bytes == [UInt8(ascii: "0")] { return 0 }
        var total: Int64 = 0
        var nextUnit = 0
        var index = 0
        while index < bytes.count {
            var value: Int64 = 0
            var overflow = false
            let digits = index
            while index < bytes.count, bytes[index] >= UInt8(ascii: "0"), bytes[index] <= UInt8(ascii: "9") {
                let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
                let (sum, carried) = product.addingReportingOverflow(Int64(bytes[index] - UInt8(ascii: "0")))
                overflow = overflow || tooLarge || carried
                value = sum
                index += 1
            }
            let name = index
            while index < bytes.count, bytes[index] < UInt8(ascii: "0") || bytes[index] > UInt8(ascii: "9") {
                index += 1
            }
            let unit = units[nextUnit...].firstIndex { $0.name.utf8.elementsEqual(bytes[name..<index]) }
            guard name > digits, let unit else {
                throw DurationError("not a valid duration string: \(GoQuote.quote(text))")
            }
            nextUnit = unit + 1
            let (product, tooLarge) = value.multipliedReportingOverflow(by: units[unit].milliseconds)
            let (sum, carried) = total.addingReportingOverflow(product)
            // Go keeps nanoseconds in 64 bits.
            guard !overflow, !tooLarge, !carried, sum <= Int64.max / 1_000_000 else {
                throw DurationError("duration out of range")
            }
            total = sum
        }
        return total
    }

    /// The shortest exact text; years and weeks only where nothing remains. A negative value has a sign in front.
    package static func format(_ milliseconds: Int64) -> String {
        if milliseconds == 0 { return "0s" }
        var text = milliseconds < 0 ? "-" : ""
        var rest = Int64(clamping: milliseconds.magnitude)
        for unit in units {
            if unit.wholeOnly, rest % unit.milliseconds != 0 { continue }
            let count = rest / unit.milliseconds
            if count > 0 {
                text += "\(count)\(unit.name)"
                rest -= count * unit.milliseconds
            }
        }
        return text
    }
}
