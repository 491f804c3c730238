import Glibc

/// Holds closed chunks in the order in which they were closed, so that the oldest go in whole slabs.
///
/// Every chunk is preceded by a header that links to the series' chunk before it:
/// previous address u64, first time i64, last time i64, length u16 (host order; memory only).
/// A value: a copy is a snapshot that keeps its slabs alive and sees no chunk that is added later, because no address
/// of one leads out of it.
struct ChunkArena: Sendable {
    private static let headerSize = 26

    private var slabs: [ChunkSlab] = []
    /// Number of the first slab in `slabs`.
    private var firstSlab = 1
    /// Chunks that were added since the start.
    private(set) var added = 0

    /// Bytes of memory held.
    var memory: Int { slabs.count * ChunkSlab.size }

    /// Copies a closed chunk in behind the one at `previous`.
    mutating func add(
        _ bytes: UnsafeRawBufferPointer, first: Int64, last: Int64, previous: ChunkAddress
    ) -> ChunkAddress {
        let size = Self.headerSize + bytes.count
        if slabs.last.map({ $0.used + size > ChunkSlab.size }) ?? true { slabs.append(ChunkSlab()) }
        let slab = slabs[slabs.count - 1]
        let offset = slab.used
        let place = slab.base + offset
        place.storeBytes(of: previous.raw, as: UInt64.self)
        place.storeBytes(of: first, toByteOffset: 8, as: Int64.self)
        place.storeBytes(of: last, toByteOffset: 16, as: Int64.self)
        place.storeBytes(of: UInt16(bytes.count), toByteOffset: 24, as: UInt16.self)
        if let source = bytes.baseAddress { memcpy(place + Self.headerSize, source, bytes.count) }
        slab.used += size
        slab.lastTime = max(slab.lastTime, last)
        added += 1
        return ChunkAddress(slab: firstSlab + slabs.count - 1, offset: offset)
    }

    /// Whether the chunk is still held.
    func holds(_ address: ChunkAddress) -> Bool { address.slab >= firstSlab }

    /// Last time of a chunk that is held.
    func lastTime(_ address: ChunkAddress) -> Int64 {
        (slabs[address.slab - firstSlab].base + address.offset).loadUnaligned(fromByteOffset: 16, as: Int64.self)
    }

    /// Visits a series' chunks from the newest to the oldest that is held and that ends at or after `start`.
    func walk(
        _ newest: ChunkAddress, from start: Int64,
        _ body: (_ first: Int64, _ last: Int64, _ bytes: UnsafeRawBufferPointer) -> Void
    ) {
        var address = newest
        while holds(address) {
            let place = slabs[address.slab - firstSlab].base + address.offset
            let last = place.loadUnaligned(fromByteOffset: 16, as: Int64.self)
            if last < start { return }
            let count = Int(place.loadUnaligned(fromByteOffset: 24, as: UInt16.self))
            let bytes = UnsafeRawBufferPointer(start: place + Self.headerSize, count: count)
            body(place.loadUnaligned(fromByteOffset: 8, as: Int64.self), last, bytes)
            address = ChunkAddress(raw: place.loadUnaligned(as: UInt64.self))
        }
    }

    /// Drops the slabs all of whose chunks end before `time`, though never the one being filled.
    mutating func drop(before time: Int64) {
        while slabs.count > 1, slabs[0].lastTime < time {
            slabs.removeFirst()
            firstSlab += 1
        }
    }
}
