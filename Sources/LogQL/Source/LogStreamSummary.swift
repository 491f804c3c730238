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

    /// What it takes of the query's memory from when a source gives it: the labels, and what answers make of them.
    package var heldBytes: Int { 2 * labels.bytes.count + 128 }

    /// A stream and its counts.
    package init(labels: Labels, chunks: Int, entries: Int, bytes: Int) {
        self.labels = labels
        self.chunks = chunks
        self.entries = entries
        self.bytes = bytes
    }
}
