package import MartletCore
import Service

/// What Loki's API tells of logs in place of their lines, as tables.
package enum LogSummary {
    /// An answer of `index/stats`.
    package static func stats(_ body: [UInt8]) throws(JSONError) -> [String] {
        let answer = try JSONValue(parsing: body)
        let counts = ["streams", "chunks", "entries"].map { "\(answer[$0]?.int64 ?? 0)" }
        return TableLines.of(["STREAMS", "CHUNKS", "LINES", "SIZE"], [counts + [size(answer["bytes"]?.double)]])
    }

    /// An answer of `index/volume`, the largest first.
    package static func volume(_ body: [UInt8]) throws(JSONError) -> [String] {
        let result = try JSONValue(parsing: body)["data"]?["result"]?.array ?? []
        let volumes = result.map { one in
            let pairs = (one["metric"]?.object ?? []).map { ($0.key, $0.value.string ?? "") }
            // Where names alone are counted, there are no values.
            let isName = pairs.count == 1 && pairs[0].1.isEmpty
            let text = isName ? PlainText.line(pairs[0].0) : Labels(pairs).description
            return (text: text, bytes: Double(one["value"]?[1]?.string ?? "") ?? 0)
        }.sorted { ($1.bytes, $0.text) < ($0.bytes, $1.text) }
        return TableLines.of(["SIZE", "LABELS"], volumes.map { [size($0.bytes), $0.text] })
    }

    /// An answer of `patterns`, what most lines follow first.
    package static func patterns(_ body: [UInt8]) throws(JSONError) -> [String] {
        let patterns = (try JSONValue(parsing: body)["data"]?.array ?? []).map { one in
            let counts = (one["samples"]?.array ?? []).map { $0[1]?.double ?? 0 }
            let level = PlainText.line(one["level"]?.string ?? "")
            return (count: counts.reduce(0, +), level: level, text: PlainText.line(one["pattern"]?.string ?? ""))
        }.sorted { ($1.count, $0.text) < ($0.count, $1.text) }
        return TableLines.of(
            ["LINES", "LEVEL", "PATTERN"],
            patterns.map { [FloatText.string($0.count), $0.level.isEmpty ? "-" : $0.level, $0.text] })
    }

    /// An answer of `detected_fields`.
    package static func fields(_ body: [UInt8]) throws(JSONError) -> [String] {
        let fields = try JSONValue(parsing: body)["fields"]?.array ?? []
        return TableLines.of(
            ["FIELD", "TYPE", "VALUES", "PARSER"],
            fields.map { field in
                let parsers = (field["parsers"]?.array ?? []).compactMap(\.string).map(PlainText.line)
                return [
                    PlainText.line(field["label"]?.string ?? ""), PlainText.line(field["type"]?.string ?? ""),
                    "\(field["cardinality"]?.int64 ?? 0)", parsers.isEmpty ? "-" : parsers.joined(separator: ","),
                ]
            })
    }

    /// An answer of `detected_field/NAME/values`, one a line.
    package static func values(_ body: [UInt8]) throws(JSONError) -> [String] {
        (try JSONValue(parsing: body)["values"]?.array ?? []).compactMap(\.string).map(PlainText.line)
    }

    private static func size(_ bytes: Double?) -> String {
        ByteSize.format(Int(max(0, min(bytes ?? 0, 9e18))))
    }
}
