import MartletCore

/// Durations in queries: `1h30m`, `250ms`, `1d`, `1.5h`; units ns us µs ms s m h d w y, combinable.
enum QueryDuration {
    private static let units: [(name: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
        ("d", 86_400e9), ("w", 7 * 86_400e9), ("y", 365 * 86_400e9),
    ]

    /// Nanoseconds, or nil when `text` is no duration or out of range.
    static func parse(_ text: String) -> Int64? {
        var rest = Substring(text)
        guard !rest.isEmpty else { return nil }
        var total = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isWholeNumber || $0 == ".") }
            guard let value = Double(number) else { return nil }
            rest = rest[number.endIndex...]
            let name = rest.prefix { !($0.isASCII && ($0.isWholeNumber || $0 == ".")) }
            guard let unit = units.first(where: { $0.name == name }) else { return nil }
            rest = rest[name.endIndex...]
            total += value * unit.nanoseconds
        }
        return total < 9.2e18 ? Int64(total) : nil
    }

    /// Why `text` is no duration, in the words of Prometheus' parser.
    static func complaint(_ text: String) -> String {
        guard !text.isEmpty else { return "empty duration string" }
        let digits = text.prefix { $0.isASCII && $0.isWholeNumber }
        let unit = text[digits.endIndex...].prefix { !($0.isASCII && $0.isWholeNumber) }
        guard !digits.isEmpty, !unit.isEmpty, !units.contains(where: { $0.name == unit }) else {
            return "not a valid duration string: \(GoQuote.quote(text))"
        }
        return "unknown unit \(GoQuote.quote(String(unit))) in duration \(GoQuote.quote(text))"
    }
}
