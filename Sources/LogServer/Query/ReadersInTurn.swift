import LogQL

/// Several readers as one, read one after the other.
struct ReadersInTurn: LogReader {
    let readers: [any LogReader]

    var isRemote: Bool { readers.contains(where: \.isRemote) }

    func entries(
        _ selection: LogSelection, context: LogQueryContext, _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError) {
        var selection = selection
        for reader in readers {
            var isEnough = false
            // What one reader has makes the others' lines needless.
            var bound: Int64?
            try reader.entries(selection, context: context) { (batch) throws(LogQueryError) -> LogVisit in
                let next = try visit(batch)
                switch next {
                case .more: break
                case .moreUntil(let time): bound = time
                case .enough: isEnough = true
                }
                return next
            }
            if isEnough { return }
            guard let bound else { continue }
            if selection.direction == .backward {
                selection.start = max(selection.start, bound)
            } else {
                selection.end = min(selection.end, bound &+ 1)
            }
        }
    }

    func counts(
        _ selection: LogSelection, edges: TimeEdges, context: LogQueryContext,
        _ visit: (LogCounts) throws(LogQueryError) -> Void
    ) throws(LogQueryError) {
        for reader in readers { try reader.counts(selection, edges: edges, context: context, visit) }
    }
}
