package import LogQL
import MartletCore

extension LogBlock {
    /// What was counted in a block.
    package struct Counts {
        /// Counts of the entries with one set of metadata, in `Labels`' encoding.
        package struct Group {
            /// The set; empty where metadata makes no difference.
            package var metadata: [UInt8]
            /// Each interval once at most.
            package var intervals: [LogCounts.Interval] = []
        }

        /// Sets without an entry are left out.
        package var groups: [Group] = []
        /// Lines that the filters ran over, or were spared to run over.
        package var read = 0
    }

    /// Counts the entries that are wanted by interval, and, if `metadata` is, by metadata set. Lines are not written out
    /// unless a filter asks for it.
    package func count(_ selection: BlockSelection, edges: TimeEdges, metadata: Bool) throws -> Counts {
        guard try mayPass(selection) else { return Counts(read: header.count) }
        return try withBytes { try Self.count(selection, edges: edges, metadata: metadata, in: $0) }
    }

    /// The same from a block's bytes.
    package static func count(
        _ selection: BlockSelection, edges: TimeEdges, metadata: Bool, in bytes: UnsafeRawBufferPointer
    ) throws -> Counts {
        let block = try OpenBlock(bytes)
        defer { block.keep() }
        guard let filters = try block.filters(selection) else { return Counts(read: block.header.count) }
        var passing = try block.rows(selection)
        if passing?.isEmpty == true { return Counts(read: block.header.count) }
        let rows = try IntervalRows(of: block.entries, selection.start, selection.end, by: edges)
        guard !rows.all.isEmpty else { return Counts() }
        var ends: [UInt32]?
        if !filters.isEmpty || selection.text != .none {
            var lines = try block.lines()
            passing = try lines.passing(
                filters, rows: rows.all, among: passing, limit: block.header.lineBytes, context: selection.context)
            if selection.text != .none { ends = try lines.ends() }
        }
        let tally = RowTally(intervals: rows.intervals, passing: passing, ends: ends)
        var counts = Counts(read: rows.all.count)
        guard metadata else {
            let intervals = tally.counts()
            if !intervals.isEmpty { counts.groups.append(Counts.Group(metadata: [], intervals: intervals)) }
            return counts
        }
        let sets = try block.entries.sets()
        let bySet = tally.counts(by: try block.entries.metadataIDs(), count: sets.count)
        for (set, intervals) in bySet.enumerated() where !intervals.isEmpty {
            counts.groups.append(Counts.Group(metadata: sets[set], intervals: intervals))
        }
        return counts
    }
}

/// Counts rows of a block.
private struct RowTally {
    let intervals: [(interval: Int, rows: Range<Int>)]
    /// The rows that count; nil for all.
    let passing: RowSet?
    /// Where each line ends; nil when bytes are not counted.
    let ends: [UInt32]?

    private func length(_ row: Int, _ ends: [UInt32]) -> Int { Int(ends[row] - (row == 0 ? 0 : ends[row - 1])) }

    func counts() -> [LogCounts.Interval] {
        var counts: [LogCounts.Interval] = []
        for (interval, rows) in intervals {
            let lines = passing?.count(in: rows) ?? rows.count
            guard lines > 0 else { continue }
            var bytes = 0
            if let ends {
                if let passing {
                    for row in rows where passing.contains(row) { bytes += length(row, ends) }
                } else {
                    let start = rows.lowerBound == 0 ? 0 : ends[rows.lowerBound - 1]
                    bytes = Int(ends[rows.upperBound - 1] - start)
                }
            }
            counts.append(.init(interval: interval, lines: lines, bytes: bytes))
        }
        return counts
    }

    /// The same by the set of each row.
    func counts(by sets: [UInt32], count: Int) -> [[LogCounts.Interval]] {
        var counts = [[LogCounts.Interval]](repeating: [], count: count)
        // What one interval has of each set, and the sets of which it has something.
        var lines = [Int](repeating: 0, count: count)
        var bytes = [Int](repeating: 0, count: count)
        var touched: [Int] = []
        for (interval, rows) in intervals {
            func add(_ row: Int) {
                let set = Int(sets[row])
                if lines[set] == 0 { touched.append(set) }
                lines[set] += 1
                if let ends { bytes[set] += length(row, ends) }
            }
            if let passing { passing.forEach(in: rows, add) } else { rows.forEach(add) }
            for set in touched {
                counts[set].append(.init(interval: interval, lines: lines[set], bytes: bytes[set]))
                (lines[set], bytes[set]) = (0, 0)
            }
            touched.removeAll(keepingCapacity: true)
        }
        return counts
    }
}
