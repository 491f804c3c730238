package import MartletCore

/// A stream with what it holds in a range of time.
package struct LogStreamSummary: Sendable, Hashable {
    /// The stream's labels.
    package var labels: Labels
    /// Blocks that overlap the range.
    package var chunks: Int
    /// What it holds, some of it perhaps outside of the range.
    package var extents: [LogExtent]
    private let range: ClosedRange<Int64>

    /// Lines, estimated by time where a block lies partly in the range.
    package var entries: Int { extents.reduce(0) { $0 + ($1.share(of: range)?.lines ?? 0) } }
    /// Bytes of lines and metadata, estimated likewise. Metadata that several lines of a block have counts once.
    package var bytes: Int { extents.reduce(0) { $0 + ($1.share(of: range)?.bytes ?? 0) } }

    /// What it takes of the query's memory from when a source gives it: the labels, and what answers make of them.
    package var heldBytes: Int { 2 * labels.bytes.count + 128 + extents.count * LogExtent.heldBytes }

    /// A stream and its blocks.
    package init(labels: Labels, range: ClosedRange<Int64>, extents: [LogExtent]) {
        self.labels = labels
        self.range = range
        self.extents = extents
        chunks = extents.count
    }
}
