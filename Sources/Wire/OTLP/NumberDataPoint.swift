extension OTLP {
    /// A point of a gauge or sum.
    package struct NumberDataPoint: Sendable, Hashable {
        /// Attributes in the order received.
        package var attributes: [KeyValue]
        /// When counting began, nanoseconds since the Unix epoch; 0 when unknown.
        package var startTimeUnixNano: UInt64
        /// When it was read, nanoseconds since the Unix epoch.
        package var timeUnixNano: UInt64
        /// The value.
        package var value: NumberValue
        /// Samples with their traces.
        package var exemplars: [Exemplar]
        /// Bit 0: no value was recorded.
        package var flags: UInt32

        /// Everything at its default unless given.
        package init(
            attributes: [KeyValue] = [],
            startTimeUnixNano: UInt64 = 0,
            timeUnixNano: UInt64 = 0,
            value: NumberValue = .empty,
            exemplars: [Exemplar] = [],
            flags: UInt32 = 0
        ) {
            self.attributes = attributes
            self.startTimeUnixNano = startTimeUnixNano
            self.timeUnixNano = timeUnixNano
            self.value = value
            self.exemplars = exemplars
            self.flags = flags
        }
    }
}
