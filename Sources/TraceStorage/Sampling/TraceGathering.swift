/// Puts together the spans that traces have in memory, wherever they lie, without writing any of them out.
struct TraceGathering {
    private let generations: [Generation]
    private let tables: [[PartTable]]
    private let verdicts = TextVerdicts()

    /// - Parameter generations: all that are in memory, oldest first.
    init(_ generations: [Generation]) {
        self.generations = generations
        tables = generations.map { $0.spans.tables() }
    }

    /// A trace of which the oldest generation has spans.
    func trace(_ key: TraceKey) -> GatheredTrace {
        var fragments: [GatheredTrace.Fragment] = []
        var holders = 0
        for index in generations.indices {
            let found = self.fragments(key, in: index)
            if !found.isEmpty { holders += 1 }
            fragments += found
        }
        if holders > 1 { Self.removeCopies(&fragments) }
        return GatheredTrace(high: key.high, low: key.low, fragments: fragments, verdicts: verdicts)
    }

    /// Spans of a trace in the oldest generation.
    func spansInOldest(_ key: TraceKey) -> Int {
        fragments(key, in: 0).reduce(0) { $0 + $1.rows.count }
    }

    private func fragments(_ key: TraceKey, in index: Int) -> [GatheredTrace.Fragment] {
        generations[index].spans.places(high: key.high, low: key.low).map { place in
            let table = tables[index][place.position]
            var rows: [Int] = []
            table.forEachRow(ofTrace: place.trace) { if table.overlay.isLive($0) { rows.append($0) } }
            return GatheredTrace.Fragment(box: table.box, rows: rows)
        }
    }

    /// Keeps the last copy of every span.
    private static func removeCopies(_ fragments: inout [GatheredTrace.Fragment]) {
        var seen: Set<SpanIdentity> = []
        for index in fragments.indices.reversed() {
            let box = fragments[index].box
            fragments[index].rows = fragments[index].rows.reversed().filter {
                seen.insert(SpanIdentity(id: box.part.spanIDs[$0], kind: box.part.kinds[$0])).inserted
            }
        }
    }
}
