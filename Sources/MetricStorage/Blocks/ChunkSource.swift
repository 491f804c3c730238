package import Durable

/// Brings the bytes of chunk segments that lie elsewhere to the files that are mapped for reading. All calls block.
package protocol ChunkSource: Sendable {
    /// Makes ranges of a segment's file (numbered from 0) readable; what they reach beyond its end is left out.
    func load(_ segment: Int, _ ranges: [Range<Int>]) throws(DurableError)
}
