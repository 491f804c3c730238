/// Decides which blocks are merged next, by Prometheus' rules (its LeveledCompactor, tsdb/compact.go).
struct CompactionPlan {
    /// Part of a block's series that may have deletions before it is written anew.
    private static let tombstoneShare = 0.05
    /// Each level spans so many blocks of the one below.
    private static let fanOut: Int64 = 3

    /// Spans of the levels in milliseconds, ascending: 2 h, 6 h, 18 h, …
    let spans: [Int64]

    /// Levels up to blocks of `longest` milliseconds.
    init(longest: Int64) {
        var spans = [Head.blockMs]
        while let last = spans.last, last <= longest / Self.fanOut { spans.append(last * Self.fanOut) }
        self.spans = spans
    }

    /// Levels for a retention: the longest blocks are a tenth of it, and 31 days at most.
    init(retentionMs: Int64) {
        self.init(longest: min(retentionMs / 10, 31 * 86_400_000))
    }

    /// The blocks to merge next (or the one to write anew), by time; empty when there is nothing to do.
    func next(_ blocks: [BlockMeta]) -> [BlockMeta] {
        let sorted = blocks.sorted { ($0.minTime, $0.maxTime) < ($1.minTime, $1.maxTime) }
        let overlapping = Self.overlapping(sorted)
        if !overlapping.isEmpty { return overlapping }
        // The newest block is left alone, so that it can be copied away for a while.
        let older = Array(sorted.dropLast())
        return filled(older) ?? deletedFrom(older).map { [$0] } ?? []
    }

    /// The first run of blocks each of which overlaps one before it.
    private static func overlapping(_ sorted: [BlockMeta]) -> [BlockMeta] {
        var run: [BlockMeta] = []
        var end = Int64.min
        for block in sorted where !block.failed {
            if block.minTime >= end {
                if run.count > 1 { return run }
                run = []
            }
            run.append(block)
            end = max(end, block.maxTime)
        }
        return run.count > 1 ? run : []
    }

    /// The blocks of the first cell of a level's grid that is full, or that newer blocks lie behind.
    private func filled(_ sorted: [BlockMeta]) -> [BlockMeta]? {
        guard let newest = sorted.last?.minTime else { return nil }
        for span in spans.dropFirst() {
            for cell in Self.cells(sorted, span) where !cell.contains(where: \.failed) {
                guard cell.count > 1, let start = cell.first?.minTime, let end = cell.last?.maxTime else { continue }
                if end &- start == span || end <= newest { return cell }
            }
        }
        return nil
    }

    /// Groups the blocks that lie whole in one cell of a level's grid.
    private static func cells(_ sorted: [BlockMeta], _ span: Int64) -> [[BlockMeta]] {
        var cells: [[BlockMeta]] = []
        var cellStart: Int64?
        for block in sorted {
            let start = BlockGrid.start(of: block.minTime, span: span)
            let (reach, overflow) = block.maxTime.subtractingReportingOverflow(start)
            guard !overflow, reach <= span else { continue }
            if start == cellStart { cells[cells.count - 1].append(block) } else { cells.append([block]) }
            cellStart = start
        }
        return cells
    }

    /// The newest of the large blocks from whose series much was deleted.
    private func deletedFrom(_ sorted: [BlockMeta]) -> BlockMeta? {
        for block in sorted.reversed() {
            guard block.maxTime &- block.minTime >= spans[spans.count / 2] else { break }
            let share = Double(block.stats.tombstones) / Double(block.stats.series + 1)
            if share > Self.tombstoneShare, !block.failed { return block }
        }
        return nil
    }
}
