extension OTLP {
    /// A point of a summary.
    package struct SummaryDataPoint: Sendable, Hashable {
        /// Attributes in the order received.
        package var attributes: [KeyValue]
        /// When counting began, nanoseconds since the Unix epoch; 0 when unknown.
        package var startTimeUnixNano: UInt64
        /// When it was read, nanoseconds since the Unix epoch.
        package var timeUnixNano: UInt64
        /// Number of observations.
        package var count: UInt64
        /// Sum of the observations.
        package var sum: Double
        /// The quantiles.
        package var quantileValues: [QuantileValue]
        /// Bit 0: no value was recorded.
        package var flags: UInt32

        /// Everything at its default unless given.
        package init(
            attributes: [KeyValue] = [],
            startTimeUnixNano: UInt64 = 0,
            timeUnixNano: UInt64 = 0,
            count: UInt64 = 0,
            sum: Double = 0,
            quantileValues: [QuantileValue] = [],
            flags: UInt32 = 0
        ) {
            self.attributes = attributes
            self.startTimeUnixNano = startTimeUnixNano
            self.timeUnixNano = timeUnixNano
            self.count = count
            self.sum = sum
            self.quantileValues = quantileValues
            self.flags = flags
        }
    }
}
