extension OTLP {
    /// The metrics of one instrumentation scope.
    package struct ScopeMetrics: Sendable, Hashable {
        /// What made them.
        package var scope: InstrumentationScope
        /// The metrics.
        package var metrics: [Metric]
        /// Schema of the metrics.
        package var schemaURL: ByteString

        /// Everything at its default unless given.
        package init(
            scope: InstrumentationScope = .init(),
            metrics: [Metric] = [],
            schemaURL: ByteString = .init()
        ) {
            self.scope = scope
            self.metrics = metrics
            self.schemaURL = schemaURL
        }
    }
}
