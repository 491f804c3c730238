package import MartletCore

/// Where metric series come from: a local store, a bucket, or several of them merged.
///
/// All calls are synchronous and may block on the disk: run them on a thread made for that. Implementations call
/// `context.check()` at least once per some thousand series or blocks.
package protocol MetricSource: Sendable {
    /// The series of a selection that may have samples in its times.
    func select(_ selection: MetricSelection, context: QueryContext) throws(QueryError) -> any MetricSeriesSet

    /// Label sets of the series that match one of the matcher lists (all series when there is none) and may have
    /// samples within the times (inclusive, milliseconds). Sorted, at most `limit` (0: no limit).
    func series(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [Labels]

    /// Names of the labels of those series. Sorted bytewise, at most `limit` (0: no limit).
    func labelNames(
        matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int, context: QueryContext
    ) throws(QueryError) -> [String]

    /// Values of one label of those series. Sorted bytewise, at most `limit` (0: no limit).
    func labelValues(
        of name: String, matching matchers: [[Matcher]], minTime: Int64, maxTime: Int64, limit: Int,
        context: QueryContext
    ) throws(QueryError) -> [String]
}
