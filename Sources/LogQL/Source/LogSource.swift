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

/// One selector's wish.
package struct LogSelection: Sendable {
    /// Which end of time comes first.
    package enum Direction: String, Sendable, Hashable {
        case forward, backward
    }

    /// All must pass.
    package var matchers: [Matcher]
    /// First wanted time, nanoseconds, inclusive.
    package var start: Int64
    /// Last wanted time, nanoseconds, exclusive.
    package var end: Int64
    /// Filters on the stored line; the source drops lines that fail one.
    package var lineFilters: [LineFilter]
    /// Which batches come first.
    package var direction: Direction

    /// Whether the reader looks at lines; if not, the source may leave them out and give their lengths only.
    package var needsLines: Bool

    /// A wish for entries in `start..<end`.
    package init(
        matchers: [Matcher], start: Int64, end: Int64, lineFilters: [LineFilter] = [],
        direction: Direction = .backward, needsLines: Bool = true
    ) {
        self.matchers = matchers
        self.start = start
        self.end = end
        self.lineFilters = lineFilters
        self.direction = direction
        self.needsLines = needsLines
    }
}

/// What the reader of batches wants next.
package enum LogVisit: Sendable, Hashable {
    /// The next batch.
    case more
    /// The next batch; entries older (`.backward`) or newer (`.forward`) than this time are not needed any more.
    case moreUntil(Int64)
    /// Nothing.
    case enough
}

/// A stream with what it holds in a range of time.
package struct LogStreamSummary: Sendable, Hashable {
    /// The stream's labels.
    package var labels: Labels
    /// Blocks that overlap the range.
    package var chunks: Int
    /// Lines, estimated by time where a block lies partly in the range.
    package var entries: Int
    /// Bytes of lines and metadata, estimated likewise.
    package var bytes: Int

    /// A stream and its counts.
    package init(labels: Labels, chunks: Int, entries: Int, bytes: Int) {
        self.labels = labels
        self.chunks = chunks
        self.entries = entries
        self.bytes = bytes
    }
}
