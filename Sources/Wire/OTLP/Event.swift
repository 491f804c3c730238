extension OTLP {
    /// A moment in a span.
    package struct Event: Sendable, Hashable {
        /// Nanoseconds since the Unix epoch.
        package var timeUnixNano: UInt64
        /// What happened.
        package var name: ByteString
        /// Attributes in the order received.
        package var attributes: [KeyValue]
        /// How many attributes the sender left out.
        package var droppedAttributesCount: UInt32

        /// Everything at its default unless given.
        package init(
            timeUnixNano: UInt64 = 0,
            name: ByteString = .init(),
            attributes: [KeyValue] = [],
            droppedAttributesCount: UInt32 = 0
        ) {
            self.timeUnixNano = timeUnixNano
            self.name = name
            self.attributes = attributes
            self.droppedAttributesCount = droppedAttributesCount
        }
    }
}
