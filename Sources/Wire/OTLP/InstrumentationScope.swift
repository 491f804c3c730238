extension OTLP {
    /// The library that made the telemetry.
    package struct InstrumentationScope: Sendable, Hashable {
        /// The library's name.
        package var name: ByteString
        /// The library's version.
        package var version: ByteString
        /// Attributes in the order received.
        package var attributes: [KeyValue]
        /// How many attributes the sender left out.
        package var droppedAttributesCount: UInt32

        /// Everything at its default unless given.
        package init(
            name: ByteString = .init(),
            version: ByteString = .init(),
            attributes: [KeyValue] = [],
            droppedAttributesCount: UInt32 = 0
        ) {
            self.name = name
            self.version = version
            self.attributes = attributes
            self.droppedAttributesCount = droppedAttributesCount
        }
    }
}
