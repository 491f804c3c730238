import MartletCore
package import TraceQL
import Wire

/// What is stored, for queries.
extension TraceStore {
    /// The trace as OTLP TracesData in protobuf (ResourceSpans in field 1), oldest arrival first; nil when it is not known.
    /// Row groups that are damaged are left out, with a warning in the log.
    package func trace(high: UInt64, low: UInt64) -> [UInt8]? {
        let (parts, generations) = state.withLock { ($0.parts, $0.generations) }
        return Self.joined(fragments(high, low, parts, generations))
    }

    /// The places of a trace in parts and generations of this store, oldest first.
    func fragments(
        _ high: UInt64, _ low: UInt64, _ parts: [StoredPart], _ generations: [Generation]
    ) -> [[TraceFragment]] {
        let reader = FragmentReader(cache: cache, limits: options.attributes, failures: failures)
        // A file of this disk can always be had.
        let stored = parts.compactMap { part in (try? reader.fragment(high, low, of: part.file)) ?? nil }
        return stored.map { [$0] } + generations.map { $0.spans.rows(high: high, low: low) }
    }

    /// TracesData of a trace's places, oldest first, of which several may have copies of a span.
    static func joined(_ places: [[TraceFragment]]) -> [UInt8]? {
        let places = places.filter { !$0.isEmpty }
        var found = Array(places.joined())
        if places.count > 1 { removeCopies(&found) }
        guard found.contains(where: { !$0.rows.isEmpty }) else { return nil }
        var writer = ProtoWriter(capacity: 4096)
        for (part, rows) in found where !rows.isEmpty { PartEncoder(part: part).append(rows: rows, to: &writer) }
        return writer.bytes
    }

    /// Keeps the last copy of every span.
    private static func removeCopies(_ found: inout [TraceFragment]) {
        var seen: Set<SpanIdentity> = []
        for place in found.indices.reversed() {
            let part = found[place].part
            let kept = found[place].rows.reversed().filter {
                seen.insert(SpanIdentity(id: part.spanIDs[$0], kind: part.kinds[$0])).inserted
            }
            found[place].rows = kept.reversed()
        }
    }

    package func snapshot(overlapping range: TimeRange) -> any TraceSnapshot {
        let (parts, generations) = state.withLock { ($0.parts, $0.generations) }
        return StoreSnapshot(
            parts: parts, generations: generations, cache: cache, limits: options.attributes, failures: failures)
    }
}
