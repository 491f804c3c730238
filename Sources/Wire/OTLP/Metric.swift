extension OTLP {
    /// A metric with its data points.
    package struct Metric: Sendable, Hashable {
        /// The metric's name.
        package var name: ByteString
        /// What it measures.
        package var description: ByteString
        /// Its unit in UCUM, as `By` or `ms`.
        package var unit: ByteString
        /// Its points.
        package var data: MetricData
        /// Facts about the metric itself.
        package var metadata: [KeyValue]

        /// Everything at its default unless given.
        package init(
            name: ByteString = .init(),
            description: ByteString = .init(),
            unit: ByteString = .init(),
            data: MetricData = .empty,
            metadata: [KeyValue] = []
        ) {
            self.name = name
            self.description = description
            self.unit = unit
            self.data = data
            self.metadata = metadata
        }
    }
}
