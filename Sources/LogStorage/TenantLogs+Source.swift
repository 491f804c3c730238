import LogQL
import MartletCore

/// Reading: snapshots under the lock, everything else outside it.
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
        let wanted = try wanted(context) { labels in selection.matchers.allSatisfy { $0.matches(labels) } }
        return SpanReader(
            pieces(of: wanted, selection.start...selection.end - 1), kept: options.retention, now: clock())
    }

    package func streams(
        matching matchers: [[Matcher]], start: Int64, end: Int64, context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] {
        guard start < end else { return [] }
        let wanted = try wanted(context) { labels in
            matchers.isEmpty || matchers.contains { $0.allSatisfy { $0.matches(labels) } }
        }
        let range = start...end - 1
        return try Self.summaries(pieces(of: wanted, range), range, kept: options.retention, now: clock(), context)
    }

    /// What streams have in a range, by their labels, but for what is past its retention at `now`, Unix seconds.
    static func summaries(
        _ found: [(StreamRegistry.Stream, [LogPiece])], _ range: ClosedRange<Int64>, kept retention: LogRetention,
        now: Int64, _ context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] {
        var summaries: [LogStreamSummary] = []
        for (stream, found) in found {
            let horizon = retention.horizon(of: stream.labels, now: now)
            let pieces = found.filter { $0.maxTime >= horizon }
            guard horizon <= range.upperBound, !pieces.isEmpty else { continue }
            let range = max(range.lowerBound, horizon)...range.upperBound
            var summary = LogStreamSummary(labels: stream.labels, chunks: pieces.count, entries: 0, bytes: 0)
            try context.hold(summary.heldBytes)
            for piece in pieces {
                let (count, bytes) = piece.share(of: range)
                summary.entries += count
                summary.bytes += bytes
            }
            summaries.append(summary)
        }
        try context.check()
        return summaries.sorted { $0.labels < $1.labels }
    }

    /// The streams that pass, by number. Matchers are regular expressions of strangers: they run outside the lock.
    func wanted(
        _ context: LogQueryContext, _ passes: (Labels) -> Bool
    ) throws(LogQueryError) -> [Int: StreamRegistry.Stream] {
        let streams = state.withLock { $0.registry.streams }
        var wanted: [Int: StreamRegistry.Stream] = [:]
        for (number, stream) in streams.enumerated() {
            if number % 256 == 0 { try context.check() }
            if stream.isKnown, passes(stream.labels) { wanted[number] = stream }
        }
        return wanted
    }

    /// The blocks and heads of streams that overlap a range of time.
    func pieces(
        of wanted: [Int: StreamRegistry.Stream], _ range: ClosedRange<Int64>
    ) -> [(StreamRegistry.Stream, [LogPiece])] {
        var found: [Int: [LogPiece]] = [:]
        state.withLock { state in
            for generation in state.generations {
                for part in generation.parts {
                    // A number may have gone to another stream meanwhile.
                    guard let stream = wanted[part.stream], stream.id == state.registry.streams[part.stream].id else {
                        continue
                    }
                    for block in part.blocks
                    where block.minTime <= range.upperBound && block.maxTime >= range.lowerBound {
                        found[part.stream, default: []].append(.block(block))
                    }
                    if !part.head.isEmpty, part.head.minTime <= range.upperBound, part.head.maxTime >= range.lowerBound
                    {
                        found[part.stream, default: []].append(.head(part.head))
                    }
                }
            }
        }
        return found.compactMap { number, pieces in wanted[number].map { ($0, pieces) } }
    }
}
