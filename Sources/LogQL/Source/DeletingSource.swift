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
        // Places in `result` of streams that have lost some lines, by the first deletion that concerns them.
        var reduced: [Int: [Labels: Int]] = [:]
        for var summary in try base.streams(matching: matchers, start: start, end: end, context: context) {
            guard let first = deletions.firstIndex(where: { $0.concerns(summary.labels, start, end) }) else {
                result.append(summary)
                continue
            }
            let isGone = deletions[first...].contains { deletion in
                deletion.covers(start, end) && deletion.concerns(summary.labels, start, end)
            }
            guard !isGone else {
                context.release(summary.heldBytes)
                continue
            }
            (summary.entries, summary.bytes) = (0, 0)
            reduced[first, default: [:]][summary.labels] = result.count
            result.append(summary)
        }
        for (first, places) in reduced { try count(deletions[first], start, end, places, &result, context) }
        let emptied = Set(reduced.values.flatMap(\.values)).filter { result[$0].entries == 0 }
        for place in emptied { context.release(result[place].heldBytes) }
        return emptied.isEmpty ? result : result.indices.filter { !emptied.contains($0) }.map { result[$0] }
    }

    /// Counts lines that are left, one by one, of the streams at `places`, which `deletion` concerns. They are read together: a
    /// tenant may have any number of streams, and each time that a source is asked it looks at all of them.
    private func count(
        _ deletion: LogDeletion, _ start: Int64, _ end: Int64, _ places: [Labels: Int],
        _ summaries: inout [LogStreamSummary], _ context: LogQueryContext
    ) throws(LogQueryError) {
        let selection = LogSelection(
            matchers: deletion.expression.matchers, start: start, end: end, direction: .forward, text: .lengths)
        try entries(selection, context: context) { (batch) throws(LogQueryError) -> LogVisit in
            guard let place = places[batch.labels] else { return .more }
            let (lines, bytes) = batch.stored(batch.rows.indices)
            summaries[place].entries += lines
            summaries[place].bytes += bytes
            return .more
        }
    }
}
