extension OTLP {
    /// A point of a histogram with exponential buckets: bucket i holds (base^i, base^(i+1)], base 2^(2^-scale).
    package struct ExponentialHistogramDataPoint: Sendable, Hashable {
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
        /// Resolution.
        package var scale: Int32
        /// Observations in the zero bucket.
        package var zeroCount: UInt64
        /// Buckets of positive observations.
        package var positive: Buckets
        /// Buckets of negative observations.
        package var negative: Buckets
        /// Bit 0: no value was recorded.
        package var flags: UInt32
        /// Samples with their traces.
        package var exemplars: [Exemplar]
        /// Smallest observation.
        package var min: Double?
        /// Largest observation.
        package var max: Double?
        /// Half width of the zero bucket.
        package var zeroThreshold: Double

        /// Everything at its default unless given.
        package init(
            attributes: [KeyValue] = [],
            startTimeUnixNano: UInt64 = 0,
            timeUnixNano: UInt64 = 0,
            count: UInt64 = 0,
            sum: Double? = nil,
            scale: Int32 = 0,
            zeroCount: UInt64 = 0,
            positive: Buckets = .init(),
            negative: Buckets = .init(),
            flags: UInt32 = 0,
            exemplars: [Exemplar] = [],
            min: Double? = nil,
            max: Double? = nil,
            zeroThreshold: Double = 0
        ) {
            self.attributes = attributes
            self.startTimeUnixNano = startTimeUnixNano
            self.timeUnixNano = timeUnixNano
            self.count = count
            self.sum = sum
            self.scale = scale
            self.zeroCount = zeroCount
            self.positive = positive
            self.negative = negative
            self.flags = flags
            self.exemplars = exemplars
            self.min = min
            self.max = max
            self.zeroThreshold = zeroThreshold
        }
    }
}
