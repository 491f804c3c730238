import LogQL

/// The rows of a block by interval of time.
struct IntervalRows {
    /// Each interval that has rows, and these.
    let intervals: [(interval: Int, rows: Range<Int>)]
    /// The rows of all of them.
    let all: Range<Int>
}

extension IntervalRows {
    /// The rows from `start` to before `end`, or to the last one. Times are not written out where they can be added up.
    init(of entries: EntryColumns, _ start: Int64, _ end: Int64?, by edges: TimeEdges) throws {
        if var walk = try entries.walk() {
            self = try walk.rows(start, end, by: edges)
            return
        }
        let timestamps = try entries.timestamps()
        let all = EntryColumns.rows(start, end, of: timestamps)
        var intervals: [(interval: Int, rows: Range<Int>)] = []
        timestamps.withUnsafeBufferPointer { timestamps in
            edges.forEachInterval(of: timestamps, all) { intervals.append(($0, $1)) }
        }
        self.init(intervals: intervals, all: all)
    }
}
