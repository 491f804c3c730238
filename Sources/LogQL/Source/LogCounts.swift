package import MartletCore

/// How much some entries of one stream with one set of structured metadata are, by interval of time.
package struct LogCounts {
    /// Entries of one interval of `TimeEdges`.
    package struct Interval: Sendable, Hashable {
        /// The interval.
        package var interval: Int
        /// Entries in it.
        package var lines: Int
        /// Bytes of their lines; 0 where the selection asks for none.
        package var bytes: Int

        /// What an interval holds.
        package init(interval: Int, lines: Int, bytes: Int) {
            self.interval = interval
            self.lines = lines
            self.bytes = bytes
        }
    }

    /// The stream's labels.
    package let labels: Labels
    /// The metadata in `Labels`' encoding; empty where the selection does not look at it. Valid during the visit only.
    package let metadata: UnsafeRawBufferPointer
    /// Each interval once at most.
    package let intervals: [Interval]

    /// Counts of entries.
    package init(labels: Labels, metadata: UnsafeRawBufferPointer, intervals: [Interval]) {
        self.labels = labels
        self.metadata = metadata
        self.intervals = intervals
    }
}
