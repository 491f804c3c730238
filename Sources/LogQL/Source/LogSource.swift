package import MartletCore

/// Where log lines come from: a local store, a bucket, or several of them merged.
///
/// All calls are synchronous and may block on the disk: run them on a thread made for that. Implementations call
/// `context.check()` once per block.
package protocol LogSource: Sendable {
    /// Gives the entries of a selection batch by batch: each batch holds entries of one stream, and batches come in order
    /// of their newest entry (`.backward`) or their oldest (`.forward`). Copies of one entry (same stream, time, line and
    /// metadata) are given once. Ends when `visit` says so.
    func entries(
        _ selection: LogSelection, context: LogQueryContext,
        _ visit: (LogBatch) throws(LogQueryError) -> LogVisit
    ) throws(LogQueryError)

    /// The streams that match one of the matcher lists (all when there is none) and have entries in
    /// `start..<end` (nanoseconds), with what they hold there as far as it can be told without reading lines.
    func streams(
        matching matchers: [[Matcher]], start: Int64, end: Int64, context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary]
}
