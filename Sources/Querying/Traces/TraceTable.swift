package import MartletCore
import Service

/// What a search found, as a table.
package enum TraceTable {
    /// The lines of an answer of Tempo's `/api/search`: none where nothing was found.
    package static func lines(_ body: [UInt8]) throws(JSONError) -> [String] {
        let traces = try JSONValue(parsing: body)["traces"]?.array ?? []
        if traces.isEmpty { return [] }
        var table = TextTable(["TRACE ID", "START", "DURATION", "SERVICE", "NAME"])
        for trace in traces {
            let start = trace["startTimeUnixNano"]?.string.flatMap { Int64($0) }
            table.add([
                PlainText.line(trace["traceID"]?.string ?? ""),
                start.map { RFC3339.format(unixNanoseconds: $0 / 1_000_000 * 1_000_000, fraction: .milliseconds) }
                    ?? "-",
                // Under a millisecond there is none.
                trace["durationMs"]?.int64.map {
                    "\(DurationText.of(nanoseconds: min($0, 9_000_000_000_000) * 1_000_000))"
                }
                    ?? "<1ms",
                PlainText.line(trace["rootServiceName"]?.string ?? ""),
                PlainText.line(trace["rootTraceName"]?.string ?? ""),
            ])
        }
        return table.text.split(separator: "\n").map(String.init)
    }
}
