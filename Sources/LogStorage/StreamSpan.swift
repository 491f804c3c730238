import LogQL
import MartletCore

/// What one stream has in a span of time that no other span of the stream overlaps: one piece, or several that overlap
/// each other, may hold copies of one entry, and are joined to be read.
struct StreamSpan {
    let stream: StreamRegistry.Stream
    private let pieces: [LogPiece]
    /// First and last time of the span; pieces may reach beyond.
    let minTime: Int64
    let maxTime: Int64

    /// About how many bytes are joined at once. Sources that write to one stream side by side make every block overlap the
    /// next, so that a chain may be as long as the stream.
    private static let joinedBytes = 16 << 20

    /// The spans of a stream's pieces, from a time on: what is before it is past.
    static func append(
        _ stream: StreamRegistry.Stream, _ pieces: [LogPiece], from horizon: Int64, to spans: inout [StreamSpan]
    ) {
        var chain: [LogPiece] = []
        var end = Int64.min
        for piece in pieces.sorted(by: { $0.minTime < $1.minTime }) where piece.maxTime >= horizon {
            if !chain.isEmpty, piece.minTime > end {
                split(stream, chain, max(horizon, chain[0].minTime)...end, into: &spans)
                chain = []
                end = .min
            }
            chain.append(piece)
            end = max(end, piece.maxTime)
        }
        if !chain.isEmpty { split(stream, chain, max(horizon, chain[0].minTime)...end, into: &spans) }
    }

    /// Halves the time until the pieces are few or small. It ends at a range of one nanosecond, 64 levels down.
    private static func split(
        _ stream: StreamRegistry.Stream, _ pieces: [LogPiece], _ range: ClosedRange<Int64>,
        into spans: inout [StreamSpan]
    ) {
        let pieces = pieces.filter { $0.minTime <= range.upperBound && $0.maxTime >= range.lowerBound }
        guard let first = pieces.map(\.minTime).min(), let last = pieces.map(\.maxTime).max() else { return }
        let (low, high) = (max(first, range.lowerBound), min(last, range.upperBound))
        let bytes = pieces.reduce(0) { $0 + $1.bytes(in: low...high) }
        guard pieces.count > 1, bytes > joinedBytes, low < high else {
            return spans.append(StreamSpan(stream: stream, pieces: pieces, minTime: low, maxTime: high))
        }
        // The mean, without the overflow of a sum.
        let middle = (low & high) + ((low ^ high) >> 1)
        split(stream, pieces, low...middle, into: &spans)
        split(stream, pieces, middle + 1...high, into: &spans)
    }

    /// Gives the span's entries that `selection` wants to `visit`.
    func visit(
        _ selection: LogSelection, context: LogQueryContext, rows: inout [UInt32],
        _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) -> LogVisit {
        let selection = clipped(selection)
        var held = 0
        defer { context.release(held) }
        if pieces.count == 1, case .block(let block) = pieces[0] {
            return try self.visit(block, selection, context: context, held: &held, visit)
        }
        let columns = try columns(context, held: &held)
        return try columns.visit(
            selection, streamID: stream.id, labels: stream.labels, context: context, rows: &rows, visit)
    }

    /// Counts the span's entries that `selection` wants.
    func count(
        _ selection: LogSelection, edges: TimeEdges, context: LogQueryContext,
        _ visit: (LogCounts) throws(LogQueryError) -> Void
    ) throws(LogQueryError) {
        let wantsMetadata = Self.wantsMetadata(selection, of: stream.labels)
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        guard pieces.count == 1, case .block(let block) = pieces[0] else {
            var rows: [UInt32] = []
            _ = try self.visit(selection, context: context, rows: &rows) { (batch) throws(LogQueryError) -> LogVisit in
                try batch.count(by: edges, bytes: selection.text != .none, metadata: wantsMetadata, visit)
                return .more
            }
            return
        }
        let selection = clipped(selection)
        let interval = edges.interval(of: block.minTime)
        if selection.lineFilters.isEmpty, !wantsMetadata, interval == edges.interval(of: block.maxTime),
            selection.start <= block.minTime, selection.end > block.maxTime
        {
            // All of it counts, and where: its header tells.
            let bytes = selection.text == .none ? 0 : block.header.lineBytes
            context.read(lines: block.count, bytes: block.header.lineBytes)
            context.kept(lines: block.count)
            return try visit(
                LogCounts(
                    labels: stream.labels, metadata: none,
                    intervals: [.init(interval: interval, lines: block.count, bytes: bytes)]))
        }
        let held = 16 * block.count + (selection.lineFilters.isEmpty ? 0 : block.rawBytes)
        try context.hold(held)
        defer { context.release(held) }
        let counts = try Self.reading(block) {
            try block.count(blockSelection(selection, context), edges: edges, metadata: wantsMetadata)
        }
        let share = Double(counts.read) / Double(block.count)
        context.read(lines: counts.read, bytes: Int(Double(block.header.lineBytes) * share))
        for group in counts.groups {
            context.kept(lines: group.intervals.reduce(0) { $0 + $1.lines })
            try Bytes.of(group.metadata) { (metadata) throws(LogQueryError) in
                try visit(LogCounts(labels: stream.labels, metadata: metadata, intervals: group.intervals))
            }
        }
    }

    /// Whether metadata could be a label that is looked at: a stream's own label hides it, and then it has a suffix.
    private static func wantsMetadata(_ selection: LogSelection, of labels: Labels) -> Bool {
        guard let wanted = selection.labels else { return true }
        return wanted.contains { $0.hasSuffix("_extracted") || labels[$0] == nil }
    }

    /// The selection within the span.
    private func clipped(_ selection: LogSelection) -> LogSelection {
        var selection = selection
        selection.start = max(selection.start, minTime)
        if maxTime < .max { selection.end = min(selection.end, maxTime + 1) }
        return selection
    }

    private func blockSelection(_ selection: LogSelection, _ context: LogQueryContext) -> BlockSelection {
        var wanted = BlockSelection(
            start: selection.start, end: selection.end, filters: selection.lineFilters, text: selection.text,
            context: context)
        wanted.hints = selection.hints.filter { stream.labels[$0.name] == nil }
        wanted.labelCheck = LabelHintCheck(selection.labelHints, stream: stream.labels)
        return wanted
    }

    /// Lets the block itself look for what is wanted, and unpacks no more of it than that takes.
    private func visit(
        _ block: LogBlock, _ selection: LogSelection, context: LogQueryContext, held: inout Int,
        _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) -> LogVisit {
        let wanted = blockSelection(selection, context)
        // What it takes to look: the columns, which are smaller than the lines, and the lines that are kept.
        held = block.rawBytes + 16 * block.count
        try context.hold(held)
        let found = try Self.reading(block) { try block.select(wanted) }
        context.read(lines: found.read, bytes: found.readBytes)
        let rows = (0..<found.columns.count).map { UInt32(truncatingIfNeeded: $0) }
        return try found.columns.visit(rows, streamID: stream.id, labels: stream.labels, context: context, visit)
    }

    private static func reading<R>(_ block: LogBlock, _ body: () throws -> R) throws(LogQueryError) -> R {
        do {
            return try body()
        } catch let error as LogQueryError {
            throw error
        } catch {
            throw LogQueryError(.storage, "reading stored logs failed: \(error) (\(block.place))")
        }
    }

    private func columns(_ context: LogQueryContext, held: inout Int) throws(LogQueryError) -> LogColumns {
        var joined = LogColumns()
        for piece in pieces {
            let columns: LogColumns
            switch piece {
            case .block(let block): columns = try Self.reading(block) { try block.decode() }
            case .head(let head): columns = head.normalized()
            }
            if pieces.count > 1 { joined.append(columns, in: minTime...maxTime) } else { joined = columns }
            let more = joined.rawBytes + 16 * joined.count - held
            held += more
            try context.hold(more)
            try context.check()
        }
        return pieces.count > 1 ? joined.normalized() : joined
    }

    /// Bytes of the lines in the span, about.
    var bytes: Int { pieces.reduce(0) { $0 + $1.bytes(in: minTime...maxTime) } }
}
