package import PromQL

/// Writes samples into chunks of the usual sizes, for those who want them encoded.
package enum ChunkWriter {
    /// Gives the chunks of a series' samples, oldest first: the number of their encoding, first and last time, and data,
    /// which lives for the call only. Start timestamps are left out.
    package static func chunks(
        of samples: SeriesSamples, _ visit: (UInt8, Int64, Int64, UnsafeRawBufferPointer) -> Void
    ) {
        var rewriter = ChunkRewriter()
        rewriter.add(samples)
        rewriter.encode { visit($0, $1, $2, $3) }
    }
}
