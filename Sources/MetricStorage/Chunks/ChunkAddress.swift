/// Where a closed chunk lies: number of the slab, which is that of its file, and the chunk's number in the slab.
struct ChunkAddress: Hashable {
    /// No chunk.
    static let none = ChunkAddress(raw: 0)
    let raw: UInt64

    init(raw: UInt64) {
        self.raw = raw
    }

    /// Slabs count from 1 for ever.
    init(slab: Int, index: Int) {
        raw = UInt64(slab) << 32 | UInt64(index)
    }

    var slab: Int { Int(raw >> 32) }
    var index: Int { Int(raw & 0xFFFF_FFFF) }
}
