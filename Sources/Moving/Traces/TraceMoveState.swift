package import MartletCore
import Wire

/// How far a move of traces has come.
package struct TraceMoveState: Sendable, Hashable {
    /// Unix seconds; the traces with spans in this range are moved.
    package var from: Int64
    package var until: Int64
    /// Unix seconds before which all that was found is moved.
    package var next: Int64
    /// Traces and spans that the target has taken.
    package var traces: Int64 = 0
    package var spans: Int64 = 0
    /// Spans that begin within the range, by Unix day.
    package var days: [Int64: Int64] = [:]
    /// Spans that the target has refused, traces that the source has found and then not given, or not in full.
    package var refused: Int64 = 0
    package var missing: Int64 = 0
    package var partial: Int64 = 0
    /// Seconds of which a search does not tell all traces.
    package var crowded: [Int64] = []
    /// Traces that are moved and may be found again, since they end at `next` or behind it.
    package var open: Set<FoundTrace> = []

    /// A move that has not begun.
    package init(from: Int64, until: Int64) {
        self.from = from
        self.until = until
        next = from
    }

    /// Whether all was moved.
    package var isDone: Bool { next >= until }

    /// Reads what ``members`` wrote; nil for anything else.
    package init?(_ document: JSONValue) {
        guard let from = document["from"]?.int64, let until = document["until"]?.int64, from <= until,
            let next = document["next"]?.int64, MoveTime.range.contains(from), MoveTime.range.contains(until),
            MoveTime.range.contains(next)
        else { return nil }
        self.init(from: from, until: until)
        self.next = next
        traces = document["traces"]?.int64 ?? 0
        spans = document["spans"]?.int64 ?? 0
        refused = document["refused"]?.int64 ?? 0
        missing = document["missing"]?.int64 ?? 0
        partial = document["partial"]?.int64 ?? 0
        crowded = document["crowded"]?.array?.compactMap(\.int64) ?? []
        for member in document["days"]?.object ?? [] {
            guard let day = Int64(member.key), let count = member.value.int64 else { return nil }
            days[day] = count
        }
        for member in document["open"]?.object ?? [] {
            guard let id = OTLP.TraceID(hex: member.key), let end = member.value.int64 else { return nil }
            open.insert(FoundTrace(id: id, end: end))
        }
    }

    /// The state as members of a JSON object.
    package var members: [JSONValue.Member] {
        let numbers: [(String, Int64)] = [
            ("from", from), ("until", until), ("next", next), ("traces", traces), ("spans", spans),
            ("refused", refused), ("missing", missing), ("partial", partial),
        ]
        return numbers.map { JSONValue.Member($0.0, .number("\($0.1)")) } + [
            .init("crowded", .array(crowded.map { .number("\($0)") })),
            .init("days", .object(days.sorted { $0.key < $1.key }.map { .init("\($0.key)", .number("\($0.value)")) })),
            .init("open", .object(open.sorted { $0.id < $1.id }.map { .init("\($0.id)", .number("\($0.end)")) })),
        ]
    }
}
