import Durable
import LogQL
import MartletCore

/// A tenant's lines here and elsewhere, read as one: copies are collapsed wherever they lie.
struct JoinedLogs: LogSource {
    let tenant: String
    /// Nil when there is nothing of the tenant here.
    let local: TenantLogs?
    let history: LogHistory
    /// What is past it is in no answer, wherever it lies.
    let retention: LogRetention
    /// Unix seconds.
    let now: Int64

    var isRemote: Bool { true }

    func entries(
        _ selection: LogSelection, context: LogQueryContext,
        _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) {
        try reader(selection, context).entries(selection, context: context, visit)
    }

    func counts(
        _ selection: LogSelection, edges: TimeEdges, context: LogQueryContext,
        _ visit: (LogCounts) throws(LogQueryError) -> Void
    ) throws(LogQueryError) {
        try reader(selection, context).counts(selection, edges: edges, context: context, visit)
    }

    /// Lines elsewhere are waited for on the query's own thread: the threads of parts are few, and are needed to fetch them.
    func parts(of selection: LogSelection, context: LogQueryContext) throws(LogQueryError) -> [any LogReader] {
        let reader = try reader(selection, context)
        return reader.isRemote ? [reader] : reader.parts(selection.direction)
    }

    private func reader(_ selection: LogSelection, _ context: LogQueryContext) throws(LogQueryError) -> SpanReader {
        guard selection.start < selection.end else { return SpanReader([]) }
        let (found, isLocal) = try pieces(selection.start...selection.end - 1, context, selection.passes)
        return SpanReader(found, kept: retention, now: now, isRemote: !isLocal)
    }

    func streams(
        _ selection: LogStreamSelection, context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] {
        guard let range = selection.range else { return [] }
        let (found, _) = try pieces(range, context, selection.passes)
        return try TenantLogs.summaries(found, range, kept: retention, now: now, context)
    }

    /// What streams that pass have in a range, and whether all of it is here. What is here is looked at first, so that a file
    /// which leaves the disk meanwhile is found elsewhere.
    private func pieces(
        _ range: ClosedRange<Int64>, _ context: LogQueryContext, _ passes: (Labels) -> Bool
    ) throws(LogQueryError) -> (found: [(StreamRegistry.Stream, [LogPiece])], isLocal: Bool) {
        var places: [Labels: Int] = [:]
        var found: [(StreamRegistry.Stream, [LogPiece])] = []
        var held: [SealedSpan] = []
        if let local {
            found = try local.pieces(of: try local.wanted(context, passes), range, context)
            held = local.sealedSpans
            for (place, (stream, _)) in found.enumerated() { places[stream.labels] = place }
        }
        // What is past whatever its stream is need not be fetched.
        let horizon = retention.horizon(now: LogRetention.nanoseconds(now))
        guard horizon <= range.upperBound else { return (found, true) }
        var isLocal = true
        try history.forEachSegment(
            of: tenant, max(range.lowerBound, horizon)...range.upperBound, beside: held, context
        ) { file throws(LogQueryError) in
            try context.check()
            for part in try TenantLogs.parts(of: file) {
                let blocks = part.blocks.filter { $0.minTime <= range.upperBound && $0.maxTime >= range.lowerBound }
                guard !blocks.isEmpty, passes(part.labels) else { continue }
                // What the query finds stays with it, however much it is.
                try context.hold(SegmentDirectory.partBytes(part.labels) + blocks.count * SegmentDirectory.blockBytes)
                let place = places[part.labels] ?? found.count
                if place == found.count {
                    places[part.labels] = place
                    found.append((StreamRegistry.Stream(id: part.labels.hash64, labels: part.labels), []))
                }
                found[place].1 += blocks.map { .block($0) }
                isLocal = false
            }
        }
        return (found, isLocal)
    }
}
