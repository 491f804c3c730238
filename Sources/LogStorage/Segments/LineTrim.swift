import LogQL
import MartletCore

/// What of a stream is not written again when its blocks are: lines that are past their retention, or deleted.
struct LineTrim {
    private let retention: LogRetention
    /// Unix seconds.
    private let now: Int64
    private var filters: [DeletionFilter] = []
    private let context = LogQueryContext(timeoutSeconds: 0, memoryLimit: .max)
    /// Lines that were left out.
    private(set) var leftOut = 0

    init(_ retention: LogRetention, now: Int64, deletions: [LogDeletion] = []) throws(LogQueryError) {
        self.retention = retention
        self.now = now
        for deletion in deletions { filters.append(try DeletionFilter(deletion, context)) }
    }

    /// The blocks that stay of a stream: whole ones as they are.
    mutating func apply(to blocks: [LogBlock], of labels: Labels) throws -> [LogBlock] {
        let horizon = retention.horizon(of: labels, now: now)
        let concerned = filters.indices.filter { filters[$0].deletion.concerns(labels, .min, .max) }
        var kept: [LogBlock] = []
        for block in blocks {
            let near = concerned.filter { place in
                let deletion = filters[place].deletion
                return deletion.start <= block.maxTime && deletion.end >= block.minTime
            }
            if block.maxTime < horizon {
                leftOut += block.count
            } else if block.minTime < horizon || !near.isEmpty {
                let columns = try block.decode()
                let rows = try rows(of: columns, from: horizon, without: near, labels)
                leftOut += columns.count - rows.count
                if rows.count == columns.count {
                    kept.append(block)
                } else if !rows.isEmpty {
                    kept.append(try LogBlock(columns.selecting(rows)))
                }
            } else {
                kept.append(block)
            }
        }
        return kept
    }

    private mutating func rows(
        of columns: LogColumns, from horizon: Int64, without deleted: [Int], _ labels: Labels
    ) throws(LogQueryError) -> [UInt32] {
        let first = LogColumns.lowerBound(columns.timestamps, horizon)
        var rows = (first..<columns.count).map { UInt32(truncatingIfNeeded: $0) }
        for place in deleted {
            _ = try columns.visit(rows, streamID: 0, labels: labels, context: context) {
                (batch) throws(LogQueryError) in
                try filters[place].remove(from: &rows, of: batch)
                return .more
            }
        }
        return rows
    }
}
