extension OTLP {
    /// A sample that stands for a point, with its trace.
    package struct Exemplar: Sendable, Hashable {
        /// Attributes that aggregation removed.
        package var filteredAttributes: [KeyValue]
        /// Nanoseconds since the Unix epoch.
        package var timeUnixNano: UInt64
        /// The value.
        package var value: NumberValue
        /// The span, or zero.
        package var spanID: SpanID
        /// The trace, or zero.
        package var traceID: TraceID

        /// Everything at its default unless given.
        package init(
            filteredAttributes: [KeyValue] = [],
            timeUnixNano: UInt64 = 0,
            value: NumberValue = .empty,
            spanID: SpanID = .init(),
            traceID: TraceID = .init()
        ) {
            self.filteredAttributes = filteredAttributes
            self.timeUnixNano = timeUnixNano
            self.value = value
            self.spanID = spanID
            self.traceID = traceID
        }
    }
}
