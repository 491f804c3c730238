import Durable

/// Holds closed chunks in the order in which they were closed, so that the oldest go in whole slabs.
///
/// A value: a copy is a snapshot that keeps its slabs alive and sees no chunk that is added later, because no address
/// of one leads out of it.
struct ChunkArena: Sendable {
    private var slabs: [ChunkSlab] = []
    /// Number of the first slab in `slabs`.
    private(set) var firstSlab = 1
    /// Chunks that were added since the start.
    private(set) var added = 0
    /// Number of the first slab that may still be in memory only.
    private var firstInMemory = 1

    private let slabBytes: Int

    /// Begins with slabs from files, the first of which has this number; new ones have this size.
    init(_ slabs: [ChunkSlab] = [], from number: Int = 1, slabBytes: Int = 4 << 20) {
        self.slabs = slabs
        self.slabBytes = slabBytes
        firstSlab = number
        firstInMemory = number + slabs.count
        added = slabs.reduce(0) { $0 + $1.count }
    }

    /// Bytes of memory held.
    var memory: Int { slabs.reduce(0) { $0 + $1.memory } }

    /// Copies a closed chunk in behind the one at `previous`.
    mutating func add(
        _ bytes: UnsafeRawBufferPointer, _ encoding: UInt8, series: SeriesRef, first: Int64, last: Int64,
        previous: ChunkAddress
    ) -> ChunkAddress {
        if !(slabs.last?.hasRoom(for: bytes.count) ?? false) {
            // No chunk but one of a huge histogram is larger than a slab usually is.
            slabs.append(ChunkSlab(capacity: max(slabBytes, bytes.count * 2)))
        }
        let index = slabs[slabs.count - 1].add(
            bytes, encoding, series: UInt64(series.raw), first: first, last: last, previous: previous)
        added += 1
        return ChunkAddress(slab: firstSlab + slabs.count - 1, index: index)
    }

    /// Whether the chunk is still held.
    func holds(_ address: ChunkAddress) -> Bool { address.slab >= firstSlab }

    /// A chunk and its bytes; nil when it is not held any more.
    func chunk(_ address: ChunkAddress) -> (entry: ChunkSlab.Entry, bytes: UnsafeRawBufferPointer)? {
        guard holds(address), address.slab - firstSlab < slabs.count else { return nil }
        let slab = slabs[address.slab - firstSlab]
        return (slab[address.index], slab.data(slab[address.index]))
    }

    /// Visits a series' chunks from the newest to the oldest that is held and that ends at or after `start`.
    func walk(
        _ newest: ChunkAddress, from start: Int64,
        _ body: (_ entry: ChunkSlab.Entry, _ bytes: UnsafeRawBufferPointer) -> Void
    ) {
        var address = newest
        while holds(address) {
            let slab = slabs[address.slab - firstSlab]
            let entry = slab[address.index]
            if entry.last < start { return }
            body(entry, slab.data(entry))
            address = entry.previous
        }
    }

    /// Asks for the entry of the chunk that is so many before the newest, for a walk that begins soon; those after it should
    /// have been asked for before.
    func prefetch(_ newest: ChunkAddress, before: Int) {
        var address = newest
        for _ in 0..<before where holds(address) { address = slabs[address.slab - firstSlab][address.index].previous }
        if holds(address) { slabs[address.slab - firstSlab].prefetch(address.index) }
    }

    /// Visits the times of a series' chunks in the same order, without a look at the chunks.
    func walkTimes(_ newest: ChunkAddress, from start: Int64, _ body: (_ first: Int64, _ last: Int64) -> Void) {
        var address = newest
        while holds(address) {
            let entry = slabs[address.slab - firstSlab][address.index]
            if entry.last < start { return }
            body(entry.first, entry.last)
            address = entry.previous
        }
    }

    /// Fails when some of a file of chunks cannot be had: to be called before reading, so that nothing is read in vain, and
    /// after it, since the chunks' checksums are not looked at.
    func verify(from start: Int64) throws(DurableError) {
        for slab in slabs where slab.lastTime >= start { try slab.file?.verify() }
    }

    /// Whether a slab is full and not yet in a file.
    var hasFullSlab: Bool { max(firstInMemory, firstSlab) < firstSlab + slabs.count - 1 }

    /// The slabs that are to be written to files: those that are full, or `all` that are in memory.
    func inMemory(all: Bool) -> [(number: Int, slab: ChunkSlab)] {
        let first = max(firstInMemory, firstSlab)
        let end = firstSlab + slabs.count - (all ? 0 : 1)
        return first < end ? (first..<end).map { ($0, slabs[$0 - firstSlab]) } : []
    }

    /// Takes the file of a slab in the slab's place.
    mutating func replace(_ number: Int, with slab: ChunkSlab) {
        guard number >= firstSlab, number - firstSlab < slabs.count else { return }
        slabs[number - firstSlab] = slab
        firstInMemory = max(firstInMemory, number + 1)
    }

    /// Drops the slabs all of whose chunks end before `time`, though never the one being filled.
    mutating func drop(before time: Int64) {
        while slabs.count > 1, slabs[0].lastTime < time {
            slabs.removeFirst()
            firstSlab += 1
        }
    }
}
