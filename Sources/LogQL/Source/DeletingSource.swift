package import MartletCore

/// A source without the lines that were deleted: they are gone from answers at once, whatever is still on the disk.
package struct DeletingSource: LogSource {
    private let base: any LogSource
    private let deletions: [LogDeletion]

    package var isRemote: Bool { base.isRemote }

    /// `base` without the lines of `deletions`.
    package init(_ base: any LogSource, without deletions: [LogDeletion]) {
        self.base = base
        self.deletions = deletions
    }

    package func entries(
        _ selection: LogSelection, context: LogQueryContext,
        _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) {
        let near = deletions(near: selection)
        guard !near.isEmpty else { return try base.entries(selection, context: context, visit) }
        var selection = selection
        // A deletion's filters look at lines that the reader may not need.
        if near.contains(where: { !$0.expression.stages.isEmpty }) { selection.text = .lines }
        var filters: [DeletionFilter] = []
        for deletion in near { filters.append(try DeletionFilter(deletion, context)) }
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

    private func deletions(near selection: LogSelection) -> [LogDeletion] {
        deletions.filter { $0.start < selection.end && $0.end >= selection.start }
    }

    package func parts(of selection: LogSelection, context: LogQueryContext) throws(LogQueryError) -> [any LogReader] {
        deletions(near: selection).isEmpty ? try base.parts(of: selection, context: context) : [self]
    }

    package func streams(
        matching matchers: [[Matcher]], start: Int64, end: Int64, context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] {
        var result: [LogStreamSummary] = []
        for summary in try base.streams(matching: matchers, start: start, end: end, context: context) {
            let near = deletions.filter { $0.concerns(summary.labels, start, end) }
            if near.isEmpty {
                result.append(summary)
            } else if !near.contains(where: { $0.covers(start, end) }),
                let counted = try count(summary, start, end, context)
            {
                result.append(counted)
            } else {
                context.release(summary.heldBytes)
            }
        }
        return result
    }

    /// A stream's lines counted one by one; nil when none is left.
    private func count(
        _ summary: LogStreamSummary, _ start: Int64, _ end: Int64, _ context: LogQueryContext
    ) throws(LogQueryError) -> LogStreamSummary? {
        var matchers: [Matcher] = []
        for pair in summary.labels.pairs {
            do throws(RegexError) {
                matchers.append(try Matcher(.equal, pair.name, pair.value))
            } catch {
                throw LogQueryError(.storage, "\(error)")
            }
        }
        var counted = LogStreamSummary(labels: summary.labels, chunks: summary.chunks, entries: 0, bytes: 0)
        let selection = LogSelection(
            matchers: matchers, start: start, end: end, direction: .forward, text: .lengths)
        try entries(selection, context: context) { (batch) throws(LogQueryError) -> LogVisit in
            // Streams with more labels pass the same matchers.
            guard batch.labels == summary.labels else { return .more }
            for row in batch.rows {
                counted.entries += 1
                counted.bytes += batch.lineLength(Int(row)) + batch.metadataSet(Int(batch.metadataIDs[Int(row)])).count
            }
            return .more
        }
        return counted.entries > 0 ? counted : nil
    }
}
