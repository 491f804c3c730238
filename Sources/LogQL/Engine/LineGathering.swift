import MartletCore

/// Finds the newest (or oldest) lines that pass a pipeline in one reader. Used from one thread.
struct LineGathering {
    private var selection: LogSelection
    private var bound: SharedBound
    private let context: LogQueryContext
    private let paging: Paging?
    private var pipeline: LinePipeline
    private var pace: QueryPace
    /// What was found.
    private(set) var newest: NewestLines

    /// Lines that are given page by page.
    struct Paging: Sendable {
        /// Where the page begins; nil for the first one.
        let after: LogCursor?
    }

    /// At most `limit` lines are kept; `bound` is what all parts of the query share.
    init(
        _ expression: LogExpression, _ selection: LogSelection, limit: Int, bound: SharedBound, paging: Paging?,
        context: LogQueryContext
    ) throws(LogQueryError) {
        self.selection = selection
        self.bound = bound
        self.context = context
        self.paging = paging
        pipeline = try LinePipeline(expression.stages)
        pace = QueryPace(context, costPerByte: pipeline.cost)
        newest = NewestLines(
            limit: limit, isBackward: selection.direction == .backward, isPaged: paging != nil)
    }

    /// Begins anew, with a selection that differs in its times only.
    mutating func restart(_ selection: LogSelection, limit: Int, bound: SharedBound) {
        self.selection = selection
        self.bound = bound
        newest = NewestLines(
            limit: limit, isBackward: selection.direction == .backward, isPaged: paging != nil)
    }

    /// Looks at all that `reader` has.
    mutating func gather(_ reader: any LogReader) throws(LogQueryError) {
        try reader.entries(selection, context: context) { (batch) throws(LogQueryError) -> LogVisit in
            try take(batch)
            if let own = newest.bound { bound.tighten(to: own) }
            return bound.value.map { .moreUntil($0) } ?? .more
        }
    }

    private mutating func take(_ batch: LogBatch) throws(LogQueryError) {
        pipeline.begin(stream: batch.labels)
        let count = batch.rows.count
        for place in 0..<count {
            let row = Int(batch.rows[selection.direction == .backward ? count - 1 - place : place])
            let timestamp = batch.timestamps[row]
            guard newest.accepts(timestamp), bound.accepts(timestamp) else { return }
            let line = batch.line(row)
            try pace.pass(lineBytes: line.count)
            let metadata = batch.metadataSet(Int(batch.metadataIDs[row]))
            guard pipeline.process(line, metadata: metadata, timestamp: timestamp) else { continue }
            var entry = NewestLines.Entry(
                timestamp: timestamp, stream: pipeline.labels.canonical(.stream),
                line: pipeline.withLine(line) { [UInt8]($0) }, metadata: pipeline.labels.canonical(.metadata),
                parsed: pipeline.labels.canonical(.parsed))
            if let paging {
                entry.hash = entry.contentHash()
                if let after = paging.after, timestamp == after.time, entry.hash < after.hash { continue }
            }
            try context.hold(entry.heldBytes)
            if let gone = newest.insert(entry) { context.release(gone.heldBytes) }
        }
    }
}
