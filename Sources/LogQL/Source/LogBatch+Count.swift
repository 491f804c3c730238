import MartletCore

extension LogBatch {
    /// Lines and bytes of the rows at `places` as summaries of streams count them: metadata that several lines have counts once.
    func stored(_ places: Range<Int>) -> (lines: Int, bytes: Int) {
        var bytes = 0
        var counted: Set<UInt32> = []
        var last: UInt32?
        for place in places {
            let row = Int(rows[place])
            bytes += lineLength(row)
            let set = metadataIDs[row]
            guard set != last else { continue }
            last = set
            if counted.insert(set).inserted { bytes += metadataSet(Int(set)).count }
        }
        return (places.count, bytes)
    }

    /// Counts the rows by interval, and by their metadata where that is wanted.
    package func count(
        by edges: TimeEdges, bytes wantsBytes: Bool, metadata wantsMetadata: Bool = true,
        _ visit: (LogCounts) throws(LogQueryError) -> Void
    ) throws(LogQueryError) {
        guard wantsMetadata else {
            let intervals = intervals(edges, wantsBytes)
            let none = UnsafeRawBufferPointer(start: nil, count: 0)
            return try visit(LogCounts(labels: labels, metadata: none, intervals: intervals))
        }
        var intervals = [[LogCounts.Interval]](repeating: [], count: metadataEnds.count)
        forEachInterval(edges) { interval, places in
            for place in places {
                let row = Int(rows[place])
                let set = Int(metadataIDs[row])
                let bytes = wantsBytes ? lineLength(row) : 0
                let last = intervals[set].count - 1
                if last >= 0, intervals[set][last].interval == interval {
                    intervals[set][last].lines += 1
                    intervals[set][last].bytes += bytes
                } else {
                    intervals[set].append(.init(interval: interval, lines: 1, bytes: bytes))
                }
            }
        }
        for (set, intervals) in intervals.enumerated() where !intervals.isEmpty {
            try visit(LogCounts(labels: labels, metadata: metadataSet(set), intervals: intervals))
        }
    }

    private func intervals(_ edges: TimeEdges, _ wantsBytes: Bool) -> [LogCounts.Interval] {
        var intervals: [LogCounts.Interval] = []
        forEachInterval(edges) { interval, places in
            let bytes = wantsBytes ? places.reduce(0) { $0 + lineLength(Int(rows[$1])) } : 0
            intervals.append(.init(interval: interval, lines: places.count, bytes: bytes))
        }
        return intervals
    }

    /// Calls `body` with each interval that has rows, and with the places of these among the rows.
    private func forEachInterval(_ edges: TimeEdges, _ body: (_ interval: Int, _ places: Range<Int>) -> Void) {
        guard let first = rows.first, let last = rows.last else { return }
        if Int(last - first) == rows.count - 1 {
            // All rows of a stretch: where an interval ends is found in a few looks.
            edges.forEachInterval(of: timestamps, Int(first)..<Int(last) + 1) { interval, range in
                body(interval, range.lowerBound - Int(first)..<range.upperBound - Int(first))
            }
            return
        }
        var place = 0
        while place < rows.count {
            let start = place
            let interval = edges.interval(of: timestamps[Int(rows[place])])
            let edge = interval < edges.times.count ? edges.times[interval] : .max
            repeat { place += 1 } while place < rows.count && timestamps[Int(rows[place])] <= edge
            body(interval, start..<place)
        }
    }
}
