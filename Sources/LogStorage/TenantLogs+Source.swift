import LogQL
import MartletCore

/// Reading: `TenantLogs.pieces` finds what there is, everything else happens outside the lock.
extension TenantLogs: LogSource {
    package func entries(
        _ selection: LogSelection, context: LogQueryContext,
        _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) {
        try reader(selection, context).entries(selection, context: context, visit)
    }

    package func counts(
        _ selection: LogSelection, edges: TimeEdges, context: LogQueryContext,
        _ visit: (LogCounts) throws(LogQueryError) -> Void
    ) throws(LogQueryError) {
        try reader(selection, context).counts(selection, edges: edges, context: context, visit)
    }

    package func parts(of selection: LogSelection, context: LogQueryContext) throws(LogQueryError) -> [any LogReader] {
        try reader(selection, context).parts(selection.direction)
    }

    private func reader(_ selection: LogSelection, _ context: LogQueryContext) throws(LogQueryError) -> SpanReader {
        guard selection.start < selection.end else { return SpanReader([]) }
        let wanted = try wanted(context, selection.passes)
        return SpanReader(
            try pieces(of: wanted, selection.start...selection.end - 1, context), kept: options.retention, now: clock())
    }

    package func streams(
        _ selection: LogStreamSelection, context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] {
        guard let range = selection.range else { return [] }
        let wanted = try wanted(context, selection.passes)
        // What is left of them are their summaries.
        defer { context.release(wanted.count * Self.wantedBytes) }
        return try Self.summaries(
            try pieces(of: wanted, range, context), range, kept: options.retention, now: clock(), context)
    }

    /// What streams have in a range, by their labels, but for what is past its retention at `now`, Unix seconds.
    static func summaries(
        _ found: [(StreamRegistry.Stream, [LogPiece])], _ range: ClosedRange<Int64>, kept retention: LogRetention,
        now: Int64, _ context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] {
        var summaries: [LogStreamSummary] = []
        for (stream, found) in found {
            let horizon = retention.horizon(of: stream.labels, now: now)
            guard horizon <= range.upperBound else { continue }
            let extents = found.compactMap { $0.maxTime >= horizon ? $0.extent(in: horizon ... .max) : nil }
            guard !extents.isEmpty else { continue }
            let summary = LogStreamSummary(labels: stream.labels, range: range, extents: extents)
            try context.hold(summary.heldBytes)
            summaries.append(summary)
        }
        try context.check()
        return summaries.sorted { $0.labels < $1.labels }
    }

    /// The streams of a segment file with their blocks.
    static func parts(of file: SegmentFile) throws(LogQueryError) -> [SegmentFile.Part] {
        do {
            return try file.directory.parts()
        } catch {
            throw LogQueryError(.storage, "reading stored logs failed: \(error) (\(file.path))")
        }
    }
}
