/// Counts of a store's head at one moment.
package struct Statistics: Sendable {
    /// Live series.
    package let series: Int
    /// Distinct label pairs.
    package let labelPairs: Int
    /// Samples taken since the start, replay included.
    package let samplesAppended: Int
    /// Chunks made since the start.
    package let chunks: Int
    /// Samples before this time are gone; the minimum when none is.
    package let minTimeMs: Int64
    /// Time of the newest sample; the minimum when there is none.
    package let maxTimeMs: Int64
    /// Bytes of memory held.
    package let memoryBytes: Int
}
