/// Counts of a store at one moment.
package struct Statistics: Sendable {
    /// Live series.
    package let series: Int
    /// Distinct label pairs.
    package let labelPairs: Int
    /// Samples taken since the start, replay included.
    package let samplesAppended: Int
    /// Chunks made since the start.
    package let chunks: Int
    /// The head holds samples from this time on, blocks those before it; the minimum without blocks.
    package let minTimeMs: Int64
    /// The oldest sample that the head answers with is not before this time; the maximum when it has none.
    package let oldestTimeMs: Int64
    /// Time of the newest sample; the minimum when there is none.
    package let maxTimeMs: Int64
    /// Bytes of memory held by the head.
    package let memoryBytes: Int
    /// Blocks open for reading.
    package let blocks: Int
    /// Bytes of their files.
    package let blockBytes: Int
}
