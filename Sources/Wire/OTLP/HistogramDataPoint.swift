extension OTLP {
    /// A point of a histogram with explicit bounds.
    package struct HistogramDataPoint: Sendable, Hashable {
        /// Attributes in the order received.
        package var attributes: [KeyValue]
        /// When counting began, nanoseconds since the Unix epoch; 0 when unknown.
        package var startTimeUnixNano: UInt64
        /// When it was read, nanoseconds since the Unix epoch.
        package var timeUnixNano: UInt64
        /// Number of observations.
        package var count: UInt64
        /// Sum of the observations.
        package var sum: Double?
        /// Observations per bucket; one more than bounds, or none.
        package var bucketCounts: [UInt64]
        /// Upper inclusive bounds, ascending.
        package var explicitBounds: [Double]
        /// Samples with their traces.
        package var exemplars: [Exemplar]
        /// Bit 0: no value was recorded.
        package var flags: UInt32
        /// Smallest observation.
        package var min: Double?
        /// Largest observation.
        package var max: Double?

        /// Everything at its default unless given.
        package init(
            attributes: [KeyValue] = [],
            startTimeUnixNano: UInt64 = 0,
            timeUnixNano: UInt64 = 0,
            count: UInt64 = 0,
            sum: Double? = nil,
            bucketCounts: [UInt64] = [],
            explicitBounds: [Double] = [],
            exemplars: [Exemplar] = [],
            flags: UInt32 = 0,
            min: Double? = nil,
            max: Double? = nil
        ) {
            self.attributes = attributes
            self.startTimeUnixNano = startTimeUnixNano
            self.timeUnixNano = timeUnixNano
            self.count = count
            self.sum = sum
            self.bucketCounts = bucketCounts
            self.explicitBounds = explicitBounds
            self.exemplars = exemplars
            self.flags = flags
            self.min = min
            self.max = max
        }
    }
}
