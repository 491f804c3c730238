/// The spans that came with one segment of the record log, in memory until they are in a part on disk.
struct Generation: Sendable {
    /// The segment of the record log.
    let segment: Int
    var spans: PartSet
    /// Unix nanoseconds of the first and the last arrival.
    private(set) var firstArrival = UInt64.max
    private(set) var lastArrival: UInt64 = 0
    /// When its traces came, if they are sampled.
    var arrivals = ArrivalTimes()

    init(segment: Int, rowsPerPart: Int) {
        self.segment = segment
        spans = PartSet(rowsPerPart: rowsPerPart)
    }

    mutating func noteArrival(_ now: UInt64) {
        firstArrival = min(firstArrival, now)
        lastArrival = max(lastArrival, now)
    }

    /// Writes the spans to a part, traces by their start.
    ///
    /// - Parameters:
    ///   - omitted: traces that are left out.
    ///   - isElsewhere: whether other generations or parts have spans of a trace.
    func write(
        _ builder: inout PartBuilder, omitting omitted: Set<TraceKey> = [],
        isElsewhere: (_ high: UInt64, _ low: UInt64) -> Bool
    ) throws -> PartFile {
        let tables = spans.tables()
        var order: [(start: UInt64, high: UInt64, low: UInt64)] = []
        for table in tables {
            for trace in table.box.part.traces where trace.older.isNone {
                if !omitted.isEmpty, omitted.contains(TraceKey(high: trace.high, low: trace.low)) { continue }
                let start = spans.places(high: trace.high, low: trace.low).reduce(UInt64.max) { earliest, place in
                    min(earliest, Self.start(tables[place.position], place.trace))
                }
                order.append((start, trace.high, trace.low))
            }
        }
        order.sort { $0 < $1 }
        do {
            for trace in order {
                let fragments = spans.places(high: trace.high, low: trace.low).map { place in
                    let table = tables[place.position]
                    var rows: [Int] = []
                    table.forEachRow(ofTrace: place.trace) { if table.overlay.isLive($0) { rows.append($0) } }
                    return PartBuilder.Fragment(source: table.box, rows: rows)
                }
                try builder.add(high: trace.high, low: trace.low, fragments)
            }
            return try builder.publish(shared: isElsewhere)
        } catch {
            builder.discard()
            throw error
        }
    }

    private static func start(_ table: PartTable, _ trace: Int) -> UInt64 {
        guard table.overlay.lost[trace] != nil else { return table.box.part.traces[trace].start }
        return table.overlay.bounds(of: trace, in: table.box.part).start
    }
}
