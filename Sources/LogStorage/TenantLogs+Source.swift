import LogQL
import MartletCore

/// Reading: snapshots under the lock, everything else outside it.
extension TenantLogs: LogSource {
    /// Sealed blocks and heads of one stream that overlap each other in time, and so may hold copies of one entry.
    private struct Cluster {
        var stream: StreamRegistry.Stream
        var blocks: [LogBlock] = []
        var heads: [LogColumns] = []
        var minTime: Int64
        var maxTime: Int64

        /// The entries: of the one piece, which may come without its lines, or of all of them joined.
        func columns(lines: Bool) throws -> LogColumns {
            if heads.isEmpty, blocks.count == 1 { return try blocks[0].decode(lines: lines) }
            if blocks.isEmpty, heads.count == 1 { return heads[0].normalized() }
            var joined = LogColumns()
            for block in blocks { joined.append(try block.decode(lines: true)) }
            for head in heads { joined.append(head) }
            return joined.normalized()
        }
    }

    package func entries(
        _ selection: LogSelection, context: LogQueryContext,
        _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) {
        guard selection.start < selection.end else { return }
        var clusters = clusters(selection)
        let isBackward = selection.direction == .backward
        if isBackward {
            clusters.sort { $0.maxTime > $1.maxTime }
        } else {
            clusters.sort { $0.minTime < $1.minTime }
        }
        var selection = selection
        var rows: [UInt32] = []
        for cluster in clusters {
            try context.check()
            if isBackward ? cluster.maxTime < selection.start : cluster.minTime >= selection.end { return }
            let columns = try Self.reading {
                try cluster.columns(lines: selection.needsLines || !selection.lineFilters.isEmpty)
            }
            let next = try columns.visit(
                selection, streamID: cluster.stream.id, labels: cluster.stream.labels, context: context,
                rows: &rows, visit)
            switch next {
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

    package func streams(
        matching matchers: [[Matcher]], start: Int64, end: Int64, context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] {
        var summaries: [Int: LogStreamSummary] = [:]
        forEachPiece(start: start, end: end) { number, stream, piece in
            if summaries[number] == nil {
                guard matchers.isEmpty || matchers.contains(where: { $0.allSatisfy { $0.matches(stream.labels) } })
                else { return }
                summaries[number] = LogStreamSummary(labels: stream.labels, chunks: 0, entries: 0, bytes: 0)
            }
            let (count, bytes) = piece.share(start: start, end: end)
            summaries[number]?.chunks += 1
            summaries[number]?.entries += count
            summaries[number]?.bytes += bytes
        }
        try context.check()
        return summaries.values.sorted { $0.labels < $1.labels }
    }

    /// A block or a head.
    private enum Piece {
        case block(LogBlock)
        case head(LogColumns)

        var minTime: Int64 {
            switch self {
            case .block(let block): block.minTime
            case .head(let head): head.minTime
            }
        }

        var maxTime: Int64 {
            switch self {
            case .block(let block): block.maxTime
            case .head(let head): head.maxTime
            }
        }

        /// Entries and bytes in `start..<end`, taken as evenly spread where the piece lies partly outside.
        func share(start: Int64, end: Int64) -> (count: Int, bytes: Int) {
            let (count, bytes) =
                switch self {
                case .block(let block): (block.count, block.rawBytes)
                case .head(let head): (head.count, head.rawBytes)
                }
            if start <= minTime, maxTime < end { return (count, bytes) }
            let inside = Double(min(end - 1, maxTime)) - Double(max(start, minTime)) + 1
            let share = min(1, max(0, inside / (Double(maxTime) - Double(minTime) + 1)))
            return (Int((Double(count) * share).rounded()), Int((Double(bytes) * share).rounded()))
        }
    }

    /// Calls `body` under the lock with every piece that overlaps the range.
    private func forEachPiece(
        start: Int64, end: Int64, _ body: (Int, StreamRegistry.Stream, Piece) -> Void
    ) {
        state.withLock { state in
            for generation in state.generations {
                for part in generation.parts {
                    let stream = state.registry.streams[part.stream]
                    for block in part.blocks where block.minTime < end && block.maxTime >= start {
                        body(part.stream, stream, .block(block))
                    }
                    if !part.head.isEmpty, part.head.minTime < end, part.head.maxTime >= start {
                        body(part.stream, stream, .head(part.head))
                    }
                }
            }
        }
    }

    private func clusters(_ selection: LogSelection) -> [Cluster] {
        var pieces: [Int: (stream: StreamRegistry.Stream, pieces: [Piece])] = [:]
        var refused: Set<Int> = []
        forEachPiece(start: selection.start, end: selection.end) { number, stream, piece in
            if pieces[number] == nil {
                guard !refused.contains(number), selection.matchers.allSatisfy({ $0.matches(stream.labels) }) else {
                    refused.insert(number)
                    return
                }
                pieces[number] = (stream, [])
            }
            pieces[number]?.pieces.append(piece)
        }
        var clusters: [Cluster] = []
        for (stream, pieces) in pieces.values {
            var current: Cluster?
            for piece in pieces.sorted(by: { $0.minTime < $1.minTime }) {
                if let done = current, piece.minTime > done.maxTime {
                    clusters.append(done)
                    current = nil
                }
                var cluster = current ?? Cluster(stream: stream, minTime: piece.minTime, maxTime: piece.maxTime)
                switch piece {
                case .block(let block): cluster.blocks.append(block)
                case .head(let head): cluster.heads.append(head)
                }
                cluster.maxTime = max(cluster.maxTime, piece.maxTime)
                current = cluster
            }
            if let current { clusters.append(current) }
        }
        return clusters
    }

    private static func reading<R>(_ body: () throws -> R) throws(LogQueryError) -> R {
        do {
            return try body()
        } catch {
            throw LogQueryError(.storage, "reading stored logs failed: \(error)")
        }
    }
}
