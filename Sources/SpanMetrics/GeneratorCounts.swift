/// What one tenant's generator has done, for its metrics.
package struct GeneratorCounts: Sendable, Hashable {
    package var spans = 0
    package var bytes = 0
    /// Spans that ended too long before or after they came.
    package var outsideSlack = 0
    /// Spans of requests that came again.
    package var repeated = 0
    /// Spans that filters left out, by processor.
    package var spanMetricsFiltered = 0
    package var serviceGraphsFiltered = 0
    package var seriesAdded = 0
    package var seriesRemoved = 0
    /// Series that were not made because of the limit, or of memory; each time that one was wanted.
    package var seriesLimited = 0
    package var collections = 0
    package var failedCollections = 0
    package var edges = 0
    /// Spans that found no room to wait.
    package var droppedSpans = 0
    /// Edges whose other side a filter left out.
    package var droppedEdges = 0
    /// Edges that found no other side and were no virtual nodes, by the kind of their span.
    package var expiredEdges: [Int32: Int] = [:]
}
