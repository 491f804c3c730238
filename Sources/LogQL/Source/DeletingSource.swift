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
        try DeletingReader(base, without: deletions(near: selection)).entries(selection, context: context, visit)
    }

    private func deletions(near selection: LogSelection) -> [LogDeletion] {
        deletions.filter { $0.start < selection.end && $0.end >= selection.start }
    }

    package func parts(of selection: LogSelection, context: LogQueryContext) throws(LogQueryError) -> [any LogReader] {
        let near = deletions(near: selection)
        guard !near.isEmpty else { return try base.parts(of: selection, context: context) }
        var wish = selection
        if DeletingReader.needsLines(near) { wish.text = .lines }
        return try base.parts(of: wish, context: context).map { DeletingReader($0, without: near) }
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
