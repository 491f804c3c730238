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

    /// What a stream takes in a query until its lines are read, about: its places in tables, its pieces, and their span.
    private static let queriedStreamBytes = 400

    private func reader(_ selection: LogSelection, _ context: LogQueryContext) throws(LogQueryError) -> SpanReader {
        guard selection.start < selection.end else { return SpanReader([]) }
        let wanted = try wanted(context, selection.passes)
        try context.hold(wanted.count * Self.queriedStreamBytes)
        return SpanReader(
            try pieces(of: wanted, selection.start...selection.end - 1, context), kept: options.retention, now: clock())
    }

    package func streams(
        _ selection: LogStreamSelection, context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] {
        guard let range = selection.range else { return [] }
        let wanted = try wanted(context, selection.passes)
        try context.hold(wanted.count * Self.queriedStreamBytes)
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

    /// The blocks and heads of streams that overlap a range of time. Directories of segment files that are not in memory are read
    /// where the index does not rule out that they have any.
    func pieces(
        of wanted: [Int: StreamRegistry.Stream], _ range: ClosedRange<Int64>, _ context: LogQueryContext
    ) throws(LogQueryError) -> [(StreamRegistry.Stream, [LogPiece])] {
        guard !wanted.isEmpty else { return [] }
        var found: [Int: [LogPiece]] = [:]
        let (valid, isWanted, files) = state.withLock { state in
            // A number may have gone to another stream meanwhile.
            let valid = wanted.filter { $0.value.id == state.registry.streams[$0.key].id }
            var isWanted = [Bool](repeating: false, count: state.registry.streams.count)
            for number in valid.keys { isWanted[number] = true }
            for generation in state.generations where generation.file == nil {
                for part in generation.parts where isWanted[part.stream] {
                    for block in part.blocks where block.overlaps(range) {
                        found[part.stream, default: []].append(.block(block))
                    }
                    if !part.head.isEmpty, part.head.minTime <= range.upperBound, part.head.maxTime >= range.lowerBound
                    {
                        found[part.stream, default: []].append(.head(part.head))
                    }
                }
            }
            let files = state.generations.compactMap { generation -> FiledStreams? in
                guard let file = generation.file, file.overlaps(range) else { return nil }
                return FiledStreams(file: file, streams: generation.fileStreams)
            }
            return (valid, isWanted, files)
        }
        let candidates = files.filter { filed in filed.streams.contains { isWanted[Int($0)] } }
        for filed in holders(of: valid, range, among: candidates) {
            try context.check()
            // What is not shared with others is the query's own.
            let isOwn = filed.file.directory.inMemory == nil
            for (number, part) in zip(filed.streams, try Self.parts(of: filed.file)) where isWanted[Int(number)] {
                for block in part.blocks where block.overlaps(range) {
                    if isOwn { try context.hold(SegmentDirectory.blockBytes) }
                    found[Int(number), default: []].append(.block(block))
                }
            }
        }
        return found.compactMap { number, pieces in valid[number].map { ($0, pieces) } }
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
