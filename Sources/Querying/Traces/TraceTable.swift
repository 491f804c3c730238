package import MartletCore

/// What a search found, as a table.
package enum TraceTable {
    /// The lines of an answer of Tempo's `/api/search`: none where nothing was found.
    package static func lines(_ body: [UInt8]) throws(JSONError) -> [String] {
        let traces = try JSONValue(parsing: body)["traces"]?.array ?? []
        let rows = traces.map { trace in
            let start = trace["startTimeUnixNano"]?.string.flatMap { Int64($0) }
            return [
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
            ]
        }
        return TableLines.of(["TRACE ID", "START", "DURATION", "SERVICE", "NAME"], rows)
    }
}
