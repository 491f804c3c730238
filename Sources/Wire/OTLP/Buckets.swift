extension OTLP {
    /// Consecutive buckets of an exponential histogram.
    package struct Buckets: Sendable, Hashable {
        /// Index of the first bucket.
        package var offset: Int32
        /// Observations per bucket.
        package var bucketCounts: [UInt64]

        /// Everything at its default unless given.
        package init(
            offset: Int32 = 0,
            bucketCounts: [UInt64] = []
        ) {
            self.offset = offset
            self.bucketCounts = bucketCounts
        }
    }
}
