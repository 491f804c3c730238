import Durable

/// Turns traces, which come in order of their starts, into the row groups of a part.
struct PartBuilder {
    /// Spans of a trace in one source.
    struct Fragment {
        let source: PartBox
        let rows: [Int]
    }

    private var writer: PartWriter
    private let rowsPerGroup: Int
    private let bytesPerGroup: Int
    private var selection = SpanSelection()
    private var sources: [PartBox] = []
    private var places: [ObjectIdentifier: Int32] = [:]
    private var bytes = 0
    /// Spans written.
    private(set) var spans = 0

    /// - Parameter rowsPerGroup: a larger trace gets a group of its own.
    init(_ writer: PartWriter, rowsPerGroup: Int, bytesPerGroup: Int = 16 << 20) {
        self.writer = writer
        self.rowsPerGroup = rowsPerGroup
        self.bytesPerGroup = bytesPerGroup
    }

    private struct Candidate {
        let span: SpanSelection.Span
        let start: UInt64
        let end: UInt64
        let id: UInt64
        let kind: UInt8
        /// Bytes of the encoded span.
        let size: Int
    }

    /// Adds a trace, its fragments oldest first: of several copies of a span the last is kept.
    mutating func add(high: UInt64, low: UInt64, _ fragments: [Fragment]) throws {
        var spans: [Candidate] = []
        for fragment in fragments {
            let source = place(of: fragment.source)
            let part = fragment.source.part
            for row in fragment.rows {
                let start = part.startTimes[row]
                spans.append(
                    Candidate(
                        span: SpanSelection.Span(source: source, row: Int32(row)), start: start,
                        end: max(start, start &+ UInt64(bitPattern: part.durations[row])), id: part.spanIDs[row],
                        kind: part.kinds[row], size: Int(part.sizes[row])))
            }
        }
        if fragments.count > 1 { spans = Self.withoutCopies(spans) }
        guard !spans.isEmpty else { return }
        let total = spans.reduce(0) { $0 + $1.size }
        // Spans that start together stay in the order in which they came.
        let order = spans.indices.sorted { (spans[$0].start, $0) < (spans[$1].start, $1) }
        let first = selection.spans.count
        var end: UInt64 = 0
        for index in order {
            selection.spans.append(spans[index].span)
            end = max(end, spans[index].end)
        }
        selection.traces.append(
            SpanSelection.Trace(
                high: high, low: low, spans: first..<selection.spans.count, start: spans[order[0]].start, end: end,
                bytes: total))
        bytes += total
        self.spans += spans.count
        if selection.spans.count >= rowsPerGroup || bytes >= bytesPerGroup { try endGroup() }
    }

    private static func withoutCopies(_ spans: [Candidate]) -> [Candidate] {
        var seen: Set<SpanIdentity> = []
        var kept: [Candidate] = []
        for span in spans.reversed() where seen.insert(SpanIdentity(id: span.id, kind: span.kind)).inserted {
            kept.append(span)
        }
        return kept.reversed()
    }

    private mutating func place(of source: PartBox) -> Int32 {
        if let known = places[ObjectIdentifier(source)] { return known }
        let place = Int32(sources.count)
        sources.append(source)
        places[ObjectIdentifier(source)] = place
        return place
    }

    private mutating func endGroup() throws {
        if selection.traces.isEmpty { return }
        var encoder = GroupEncoder(sources, selection)
        try encoder.write(to: &writer)
        selection.removeAll()
        sources.removeAll()
        places.removeAll()
        bytes = 0
    }

    /// Writes what is left and publishes the part.
    ///
    /// - Parameter shared: says which traces have spans elsewhere.
    mutating func publish(shared: (_ high: UInt64, _ low: UInt64) -> Bool) throws -> PartFile {
        try endGroup()
        return try writer.publish(shared: shared)
    }

    /// Removes what was written.
    func discard() { writer.discard() }
}
