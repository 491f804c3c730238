/// Which cells of the blocks' grid have samples, and from when to when.
struct ImportCells {
    /// First and last time of the samples in each cell, by the cell's start.
    private var found: [Int64: ClosedRange<Int64>] = [:]

    var isEmpty: Bool { found.isEmpty }

    /// All times that have samples, as a half-open range.
    var times: Range<Int64> {
        guard let first = found.values.map(\.lowerBound).min(), let last = found.values.map(\.upperBound).max() else {
            return 0..<0
        }
        return first..<last + 1
    }

    /// The end of the cell that a time lies in.
    func end(ofCellWith time: Int64) -> Int64 {
        BlockGrid.start(of: time, span: Head.blockMs).addingReportingOverflow(Head.blockMs).partialValue
    }

    /// Notes that there are samples from one time to another of the same cell.
    mutating func add(_ times: ClosedRange<Int64>) {
        let cell = BlockGrid.start(of: times.lowerBound, span: Head.blockMs)
        let known = found[cell] ?? times
        found[cell] = min(known.lowerBound, times.lowerBound)...max(known.upperBound, times.upperBound)
    }

    /// The times of the blocks to write, ascending: cells joined to those of the first of the levels that makes at most
    /// `limit` blocks, or of the last.
    func blocks(spans: [Int64], limit: Int) -> [ClosedRange<Int64>] {
        var blocks: [ClosedRange<Int64>] = []
        for span in spans {
            var joined: [Int64: ClosedRange<Int64>] = [:]
            for times in found.values {
                let cell = BlockGrid.start(of: times.lowerBound, span: span)
                let known = joined[cell] ?? times
                joined[cell] = min(known.lowerBound, times.lowerBound)...max(known.upperBound, times.upperBound)
            }
            blocks = joined.values.sorted { $0.lowerBound < $1.lowerBound }
            if blocks.count <= limit { break }
        }
        return blocks
    }
}
