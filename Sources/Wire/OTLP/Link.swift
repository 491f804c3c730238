extension OTLP {
    /// A reference from a span to another span.
    package struct Link: Sendable, Hashable {
        /// Trace of the other span.
        package var traceID: TraceID
        /// The other span.
        package var spanID: SpanID
        /// W3C tracestate of the other span.
        package var traceState: ByteString
        /// Attributes in the order received.
        package var attributes: [KeyValue]
        /// How many attributes the sender left out.
        package var droppedAttributesCount: UInt32
        /// As of a span.
        package var flags: UInt32

        /// Everything at its default unless given.
        package init(
            traceID: TraceID = .init(),
            spanID: SpanID = .init(),
            traceState: ByteString = .init(),
            attributes: [KeyValue] = [],
            droppedAttributesCount: UInt32 = 0,
            flags: UInt32 = 0
        ) {
            self.traceID = traceID
            self.spanID = spanID
            self.traceState = traceState
            self.attributes = attributes
            self.droppedAttributesCount = droppedAttributesCount
            self.flags = flags
        }
    }
}
