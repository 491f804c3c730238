import MartletCore

/// What gives the entries of selections: a source, or a part of one.
///
/// All calls are synchronous and may block on the disk: run them on a thread made for that. Implementations call
/// `context.check()` once per block.
package protocol LogReader: Sendable {
    /// Whether reading may wait for what lies elsewhere. Such a reader works on the query's own thread, beside no other: the
    /// threads of parts are few, and are needed to fetch what it waits for.
    var isRemote: Bool { get }

    /// Gives the entries of a selection batch by batch: each batch holds entries of one stream, and batches come in order
    /// of their newest entry (`.backward`) or their oldest (`.forward`). Copies of one entry (same stream, time, line and
    /// metadata) are given once. Ends when `visit` says so. A part of a source may be asked several times, also for narrower
    /// times than it was made for.
    func entries(
        _ selection: LogSelection, context: LogQueryContext,
        _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError)

    /// Counts the same entries by stream, metadata and interval instead of giving them; a stream may come several times.
    func counts(
        _ selection: LogSelection, edges: TimeEdges, context: LogQueryContext,
        _ visit: (LogCounts) throws(LogQueryError) -> Void
    ) throws(LogQueryError)
}

extension LogReader {
    package var isRemote: Bool { false }

    package func counts(
        _ selection: LogSelection, edges: TimeEdges, context: LogQueryContext,
        _ visit: (LogCounts) throws(LogQueryError) -> Void
    ) throws(LogQueryError) {
        try entries(selection, context: context) { (batch) throws(LogQueryError) -> LogVisit in
            try batch.count(by: edges, bytes: selection.text != .none, visit)
            return .more
        }
    }
}
