import MartletCore

extension LogBatch {
    /// Counts the rows by metadata and interval.
    package func count(
        by edges: TimeEdges, bytes wantsBytes: Bool, _ visit: (LogCounts) throws(LogQueryError) -> Void
    ) throws(LogQueryError) {
        var intervals = [[LogCounts.Interval]](repeating: [], count: metadataEnds.count)
        for place in rows.indices {
            let row = Int(rows[place])
            let set = Int(metadataIDs[row])
            let interval = edges.interval(of: timestamps[row])
            let bytes = wantsBytes ? lineLength(row) : 0
            let last = intervals[set].count - 1
            if last >= 0, intervals[set][last].interval == interval {
                intervals[set][last].lines += 1
                intervals[set][last].bytes += bytes
            } else {
                intervals[set].append(.init(interval: interval, lines: 1, bytes: bytes))
            }
        }
        for (set, intervals) in intervals.enumerated() where !intervals.isEmpty {
            try visit(LogCounts(labels: labels, metadata: metadataSet(set), intervals: intervals))
        }
    }
}
