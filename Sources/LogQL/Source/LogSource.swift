package import MartletCore

/// Where log lines come from: a local store, a bucket, or several of them merged.
package protocol LogSource: LogReader {
    /// The streams of a selection that have entries in its time, by their labels, with what they hold there as far as it can
    /// be told without reading lines. The query holds the `heldBytes` of each until the caller releases them.
    func streams(
        _ selection: LogStreamSelection, context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary]

    /// Readers that have the entries of a selection between them, each entry in one of them. They may be read at the same
    /// time on threads of their own, and again for narrower times; there are several only where that is worth it, and where none of them is remote.
    func parts(of selection: LogSelection, context: LogQueryContext) throws(LogQueryError) -> [any LogReader]
}

extension LogSource {
    /// The streams that match one of the matcher lists (all when there is none) and have entries in `start..<end`
    /// (nanoseconds), with what they hold there.
    package func streams(
        matching matchers: [[Matcher]], start: Int64, end: Int64, context: LogQueryContext
    ) throws(LogQueryError) -> [LogStreamSummary] {
        try streams(LogStreamSelection(matching: matchers, start: start, end: end), context: context)
    }

    package func parts(of selection: LogSelection, context: LogQueryContext) throws(LogQueryError) -> [any LogReader] {
        [self]
    }
}
