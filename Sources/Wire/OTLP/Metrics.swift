extension OTLP {
    /// The body of an export request: metrics by resource. On the wire it is the same as the protocol's MetricsData.
    package struct Metrics: Sendable, Hashable {
        /// By resource.
        package var resourceMetrics: [ResourceMetrics]

        /// Everything at its default unless given.
        package init(
            resourceMetrics: [ResourceMetrics] = []
        ) {
            self.resourceMetrics = resourceMetrics
        }
        /// Number of data points.
        package var count: Int {
            resourceMetrics.reduce(0) {
                $0 + $1.scopeMetrics.reduce(0) { $0 + $1.metrics.reduce(0) { $0 + $1.data.count } }
            }
        }
    }
}
