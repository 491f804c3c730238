/// What queries may ask for, with Tempo's defaults.
package struct QueryLimits: Sendable {
    /// Traces of a search that names no limit.
    package var defaultTraces = 20
    /// Most traces of a search; 0 for no limit.
    package var maximumTraces = 262_144
    /// Spans of a spanset when the search names no number.
    package var defaultSpans = 3
    /// Most spans of a spanset; 0 for no limit.
    package var maximumSpans = 100
    /// Longest range of a search, seconds; 0 for no limit.
    package var searchSeconds = 168 * 3600
    /// Longest range of a metrics query, seconds; 0 for no limit.
    package var metricsSeconds = 24 * 3600
    /// Most series of a metrics answer; 0 for no limit.
    package var metricsSeries = 1000
    /// Most exemplars of a metrics answer; 0 for none.
    package var exemplars = 100
    /// Longest query text.
    package var queryBytes = 128 << 10
    /// Bytes of text in a list of tags or their values.
    package var tagValuesBytes = 1_000_000

    /// Tempo's defaults.
    package init() {}
}
