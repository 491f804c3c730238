extension OTLP {
    /// The entity that telemetry comes from.
    package struct Resource: Sendable, Hashable {
        /// Attributes in the order received.
        package var attributes: [KeyValue]
        /// How many attributes the sender left out.
        package var droppedAttributesCount: UInt32

        /// Everything at its default unless given.
        package init(
            attributes: [KeyValue] = [],
            droppedAttributesCount: UInt32 = 0
        ) {
            self.attributes = attributes
            self.droppedAttributesCount = droppedAttributesCount
        }
    }
}
