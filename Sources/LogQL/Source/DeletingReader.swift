import MartletCore

/// A reader without the lines that were deleted.
struct DeletingReader: LogReader {
    private let base: any LogReader
    private let deletions: [LogDeletion]

    var isRemote: Bool { base.isRemote }

    /// `base` without the lines of `deletions`.
    init(_ base: any LogReader, without deletions: [LogDeletion]) {
        self.base = base
        self.deletions = deletions
    }

    /// Whether the filters of deletions look at lines, which who reads may not need.
    static func needsLines(_ deletions: [LogDeletion]) -> Bool {
        deletions.contains { !$0.expression.stages.isEmpty }
    }

    func entries(
        _ selection: LogSelection, context: LogQueryContext,
        _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) {
        guard !deletions.isEmpty else { return try base.entries(selection, context: context, visit) }
        var selection = selection
        if Self.needsLines(deletions) { selection.text = .lines }
        var filters: [DeletionFilter] = []
        for deletion in deletions { filters.append(try DeletionFilter(deletion, context)) }
        var kept: [UInt32] = []
        try base.entries(selection, context: context) { (batch) throws(LogQueryError) -> LogVisit in
            guard filters.contains(where: { $0.concerns(batch) }) else { return try visit(batch) }
            kept.removeAll(keepingCapacity: true)
            kept.append(contentsOf: batch.rows)
            for index in filters.indices where filters[index].concerns(batch) {
                try filters[index].remove(from: &kept, of: batch)
            }
            guard !kept.isEmpty else { return .more }
            return try kept.withUnsafeBufferPointer { (rows) throws(LogQueryError) -> LogVisit in
                try visit(batch.selecting(rows))
            }
        }
    }
}
