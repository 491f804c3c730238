package import Durable
import MartletCore

/// What one transaction changes in a day's index.
package struct IndexChange: Sendable {
    /// When a stream has lines in a segment file on the day of the index.
    package struct StreamTimes: Sendable, Hashable {
        /// The upper half of the hash of the stream's labels: what does not have it does not have the stream.
        package var key: UInt32
        /// Unix seconds, rounded down, of the first line…
        package var first: Int64
        /// …and of the last.
        package var last: Int64

        /// A stream's lines in a file: the upper half of the labels' hash, Unix seconds of the first and of the last line.
        package init(key: UInt32, first: Int64, last: Int64) {
            self.key = key
            self.first = first
            self.last = last
        }
    }

    /// Streams that the index does not have yet.
    package var streams: [LogIndex.Entry] = []
    /// Segment files with all streams that have lines in them on this day, in any order; each takes the place of what was
    /// known of it.
    package var added: [SegmentSpan: [StreamTimes]] = [:]
    /// Segment files that are gone.
    package var removed: Set<SegmentSpan> = []

    /// No change.
    package init() {}

    var isEmpty: Bool { streams.isEmpty && added.isEmpty && removed.isEmpty }

    /// The key of a stream with these labels.
    static func key(_ labels: Labels) -> UInt32 { UInt32(labels.hash64 >> 32) }
}
