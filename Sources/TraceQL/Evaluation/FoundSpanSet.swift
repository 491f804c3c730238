/// Spans of one trace that a search found together.
package struct FoundSpanSet: Sendable {
    /// The first of the matching spans, by start time.
    package let spans: [FoundSpan]
    /// How many match.
    package let matched: Int
    /// Results of `by()` and aggregates.
    package let attributes: [(key: String, value: Value)]
}
