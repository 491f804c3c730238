/// Where a closed chunk lies: slab number (counting from 1 for ever) and offset in the slab.
struct ChunkAddress: Hashable {
    /// No chunk.
    static let none = ChunkAddress(raw: 0)
    let raw: UInt64

    init(raw: UInt64) {
        self.raw = raw
    }

    init(slab: Int, offset: Int) {
        raw = UInt64(slab) << 32 | UInt64(offset)
    }

    var slab: Int { Int(raw >> 32) }
    var offset: Int { Int(raw & 0xFFFF_FFFF) }
}
