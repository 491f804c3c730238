/// One series of the head: where its labels lie, its chunk being filled, and its closed chunks.
struct SeriesRecord {
    var chunk = OpenChunk()
    /// The newest closed chunk, linked to those before it.
    var closed = ChunkAddress.none
    /// The chunk is closed when a sample at or after this time comes.
    var cutTime = Int64.max
    var labelOffset: UInt64
    var labelCount: UInt32
    /// False after the series was dropped; its number is not used again.
    var isAlive = true
    /// Whether the chunk being filled is one of native histograms, which the head keeps; `chunk` is empty then.
    var hasHistogram = false
    var hash: UInt64
}
