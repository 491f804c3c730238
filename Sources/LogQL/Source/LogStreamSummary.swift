package import MartletCore

/// A stream with what it holds in a range of time.
package struct LogStreamSummary: Sendable, Hashable {
    /// The stream's labels.
    package var labels: Labels
    /// Blocks that overlap the range.
    package var chunks: Int
    /// Lines, estimated by time where a block lies partly in the range.
    package var entries: Int
    /// Bytes of lines and metadata, estimated likewise.
    package var bytes: Int

    /// A stream and its counts.
    package init(labels: Labels, chunks: Int, entries: Int, bytes: Int) {
        self.labels = labels
        self.chunks = chunks
        self.entries = entries
        self.bytes = bytes
    }
}
