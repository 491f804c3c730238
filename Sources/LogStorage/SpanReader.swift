import LogQL
import MartletCore

/// Reads spans of streams that were found for a selection: all of them, or one of several parts.
struct SpanReader: LogReader {
    private static let bytesPerPart = 4 << 20
    private static let mostParts = 4

    private let spans: [StreamSpan]
    let isRemote: Bool

    /// A reader of spans, in any order.
    init(_ spans: [StreamSpan], isRemote: Bool = false) {
        self.spans = spans
        self.isRemote = isRemote
    }

    /// A reader of what streams have, but for what is past its retention at `now`, Unix seconds.
    init(
        _ found: [(StreamRegistry.Stream, [LogPiece])], kept retention: LogRetention, now: Int64, isRemote: Bool = false
    ) {
        var spans: [StreamSpan] = []
        for (stream, pieces) in found {
            let horizon = retention.horizon(of: stream.labels, now: now)
            StreamSpan.append(stream, pieces, from: horizon, to: &spans)
        }
        self.init(spans, isRemote: isRemote)
    }

    /// The same spans dealt to as many readers as it pays to have at work at the same time, each with early and late ones.
    func parts(_ direction: LogSelection.Direction) -> [SpanReader] {
        let bytes = spans.reduce(0) { $0 + $1.bytes }
        let most = min(Processors.count, Self.mostParts, spans.count)
        let count = min(most, 1 + bytes / Self.bytesPerPart)
        guard count > 1 else { return [self] }
        let ordered = ordered(direction)
        return (0..<count).map { part in
            SpanReader(stride(from: part, to: ordered.count, by: count).map { ordered[$0] })
        }
    }

    private func ordered(_ direction: LogSelection.Direction) -> [StreamSpan] {
        direction == .backward
            ? spans.sorted { $0.maxTime > $1.maxTime } : spans.sorted { $0.minTime < $1.minTime }
    }

    func entries(
        _ selection: LogSelection, context: LogQueryContext,
        _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) {
        let isBackward = selection.direction == .backward
        var selection = selection
        var rows: [UInt32] = []
        for span in ordered(selection.direction) {
            try context.check()
            if isBackward ? span.maxTime < selection.start : span.minTime >= selection.end { return }
            guard selection.isWanted?(span.stream.labels) ?? true else { continue }
            // The selection may have become narrower since the spans were found.
            if isBackward ? span.minTime >= selection.end : span.maxTime < selection.start { continue }
            switch try span.visit(selection, context: context, rows: &rows, visit) {
            case .more: break
            case .moreUntil(let bound):
                if isBackward {
                    selection.start = max(selection.start, bound)
                } else {
                    selection.end = min(selection.end, bound &+ 1)
                }
            case .enough: return
            }
        }
    }

    func counts(
        _ selection: LogSelection, edges: TimeEdges, context: LogQueryContext,
        _ visit: (LogCounts) throws(LogQueryError) -> Void
    ) throws(LogQueryError) {
        for span in spans where span.minTime < selection.end && span.maxTime >= selection.start {
            try context.check()
            try span.count(selection, edges: edges, context: context, visit)
        }
    }
}
