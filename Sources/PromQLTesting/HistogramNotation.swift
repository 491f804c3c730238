import MartletCore
package import PromQL

/// A native histogram as promqltest writes it: `{{schema:0 sum:5 count:4 buckets:[1 2 1]}}`, keys in any order.
package struct HistogramNotation {
    package var histogram = NativeHistogram()
    /// True when a hint was written, which then counts in comparisons.
    package var namesHint = false

    /// Reads from `{{` to `}}`.
    package init(_ text: String) throws {
        var fields: [String: String] = [:]
        var rest = text.dropFirst(2).dropLast(2)[...]
        while true {
            rest = rest.drop { $0 == " " }
            if rest.isEmpty { break }
            guard let colon = rest.firstIndex(of: ":") else {
                throw SeriesNotation.Failure(description: "bad histogram '\(text)'")
            }
            let key = String(rest[..<colon])
            rest = rest[rest.index(after: colon)...]
            let end = rest.hasPrefix("[") ? "]" : " " as Character
            var value = rest.prefix { $0 != end }
            rest = rest.dropFirst(value.count + (end == "]" ? 1 : 0))
            if end == "]" { value = value.dropFirst() }
            fields[key] = String(value)
        }
        for (key, value) in fields { try set(key, value) }
        let offsets = (try number(fields["offset"] ?? "0"), try number(fields["n_offset"] ?? "0"))
        histogram.positive = HistogramBuckets(offset: Int32(offsets.0), counts: try numbers(fields["buckets"] ?? ""))
        histogram.negative = HistogramBuckets(offset: Int32(offsets.1), counts: try numbers(fields["n_buckets"] ?? ""))
    }

    private mutating func set(_ key: String, _ value: String) throws {
        switch key {
        case "schema": histogram.schema = Int32(try number(value))
        case "sum": histogram.sum = try number(value)
        case "count": histogram.count = try number(value)
        case "z_bucket": histogram.zeroCount = try number(value)
        case "z_bucket_w": histogram.zeroThreshold = try number(value)
        case "custom_values": histogram.customBounds = try numbers(value)
        case "counter_reset_hint":
            let hints: [String: NativeHistogram.ResetHint] = [
                "unknown": .unknown, "reset": .reset, "not_reset": .notReset, "gauge": .gauge,
            ]
            guard let hint = hints[value] else { throw SeriesNotation.Failure(description: "bad hint '\(value)'") }
            histogram.hint = hint
            namesHint = true
        case "buckets", "n_buckets", "offset", "n_offset": break
        default: throw SeriesNotation.Failure(description: "bad histogram key '\(key)'")
        }
    }

    private func numbers(_ text: String) throws -> [Double] {
        try text.split { $0 == " " || $0 == "\t" }.map { try number(String($0)) }
    }

    private func number(_ text: String) throws -> Double {
        guard let value = Double(text.hasPrefix(".") ? "0" + text : text) else {
            throw SeriesNotation.Failure(description: "bad number '\(text)' in a histogram")
        }
        return value
    }
}
