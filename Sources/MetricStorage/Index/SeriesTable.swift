import CPlatform
import Glibc
import MartletCore

/// All series of the head: records by number, and by the hash of their label bytes.
///
/// Records lie in pages of 1024 that are freed once all their series are dropped. The hash table is open addressing;
/// a slot holds the upper half of the hash above the number, 0 when it is free. A hit is verified by comparing the label
/// bytes in the slab.
struct SeriesTable: ~Copyable {
    private static let pageSize = 1024

    private var pages: [UnsafeMutablePointer<SeriesRecord>?] = []
    /// Live records of each page.
    private var alive: [UInt16] = []
    private var slab = LabelSlab()
    private var slots = [UInt64](repeating: 0, count: 1024)
    private var occupied = 0
    private var pageCount = 0
    /// Series that are alive.
    private(set) var count = 0
    /// Series dropped since the last `compact`, whose labels and table slots are still held.
    private(set) var dropped = 0
    /// The highest number given so far.
    private(set) var lastRef = SeriesRef.none

    init() {}

    deinit {
        for case let page? in pages { Self.free(page) }
    }

    /// Bytes of memory held, open chunks not counted.
    var memory: Int {
        pageCount * Self.pageSize * MemoryLayout<SeriesRecord>.stride + slab.memory + slots.capacity * 8
            + pages.capacity * 8
    }

    /// Whether the reference names a series that is alive.
    func contains(_ ref: SeriesRef) -> Bool { pointer(ref)?.pointee.isAlive ?? false }

    /// The record of a live series, to be read or changed in place before the table changes; nil for any other
    /// reference.
    func record(_ ref: SeriesRef) -> UnsafeMutablePointer<SeriesRecord>? {
        guard let record = pointer(ref), record.pointee.isAlive else { return nil }
        return record
    }

    /// The canonical label bytes; valid until the table changes.
    func labels(_ ref: SeriesRef) -> UnsafeRawBufferPointer {
        guard let record = pointer(ref) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return slab.bytes(record.pointee.labelOffset, record.pointee.labelCount)
    }

    /// The series with these canonical label bytes.
    func find(_ labels: UnsafeRawBufferPointer, hash: UInt64) -> SeriesRef? {
        let found = slots[slot(labels, hash)]
        return found == 0 ? nil : SeriesRef(raw: UInt32(truncatingIfNeeded: found))
    }

    /// Asks for the place in the table where labels with this hash are looked for.
    @inline(__always)
    func prefetchSlot(_ hash: UInt64) {
        slots.withUnsafeBufferPointer {
            guard let base = $0.baseAddress else { return }
            cplatform_prefetch(base + Int(truncatingIfNeeded: hash) & ($0.count - 1))
        }
    }

    /// Asks for the record of the series that is probably meant by the hash: for use some steps before the look-up itself,
    /// which then finds all that it compares in the cache.
    @inline(__always)
    func prefetchRecord(_ hash: UInt64) {
        let found = slots[Int(truncatingIfNeeded: hash) & (slots.count - 1)]
        guard found >> 32 == hash >> 32, let record = pointer(SeriesRef(raw: UInt32(truncatingIfNeeded: found))) else {
            return
        }
        cplatform_prefetch(record)
        cplatform_prefetch(UnsafeRawPointer(record) + 64)
    }

    /// Asks for the labels of that series.
    @inline(__always)
    func prefetchLabels(_ hash: UInt64) {
        let found = slots[Int(truncatingIfNeeded: hash) & (slots.count - 1)]
        guard found >> 32 == hash >> 32, let record = pointer(SeriesRef(raw: UInt32(truncatingIfNeeded: found))),
            let labels = slab.bytes(record.pointee.labelOffset, record.pointee.labelCount).baseAddress
        else { return }
        for line in 0..<3 { cplatform_prefetch(labels + line * 64) }
    }

    /// Asks for a series' record.
    @inline(__always)
    func prefetchRecord(of ref: SeriesRef) {
        guard let record = pointer(ref) else { return }
        cplatform_prefetch(record)
        cplatform_prefetch(UnsafeRawPointer(record) + 64)
    }

    /// Asks for a series' labels and for its chunk that is being filled.
    @inline(__always)
    func prefetchContents(of ref: SeriesRef) {
        guard let record = pointer(ref) else { return }
        if let labels = slab.bytes(record.pointee.labelOffset, record.pointee.labelCount).baseAddress {
            for line in 0..<3 { cplatform_prefetch(labels + line * 64) }
        }
        record.pointee.chunk.prefetch()
    }

    /// Adds a series that is known to be missing, under the next number. Nil when numbers have run out.
    mutating func add(_ labels: UnsafeRawBufferPointer, hash: UInt64) -> SeriesRef? {
        guard lastRef.raw < .max else { return nil }
        let ref = SeriesRef(raw: lastRef.raw + 1)
        add(ref, labels, hash: hash)
        return ref
    }

    /// Gives no number up to this one to a new series.
    mutating func reserve(upTo ref: SeriesRef) { lastRef = max(lastRef, ref) }

    /// Adds a series that is known to be missing, under a number that is known to be free: for replay.
    mutating func add(_ ref: SeriesRef, _ labels: UnsafeRawBufferPointer, hash: UInt64) {
        let page = Int(ref.raw) / Self.pageSize
        makePage(page)
        let record = SeriesRecord(
            labelOffset: slab.add(labels), labelCount: UInt32(labels.count), hash: hash)
        pages[page]?[Int(ref.raw) % Self.pageSize] = record
        alive[page] += 1
        count += 1
        lastRef = max(lastRef, ref)
        slots[slot(labels, hash)] = Self.entry(hash, ref)
        occupied += 1
        if occupied * 4 > slots.count * 3 { rebuildTable() }
    }

    /// Drops a series. Its number stays taken; `compact` later frees its labels.
    mutating func drop(_ ref: SeriesRef) {
        guard let record = pointer(ref), record.pointee.isAlive else { return }
        record.pointee.chunk.release()
        record.pointee.isAlive = false
        alive[Int(ref.raw) / Self.pageSize] -= 1
        count -= 1
        dropped += 1
    }

    /// Visits every live series in order of number.
    func forEach(_ body: (SeriesRef, inout SeriesRecord) -> Void) {
        for (index, page) in pages.enumerated() {
            guard let page, alive[index] > 0 else { continue }
            for offset in 0..<Self.pageSize where page[offset].isAlive {
                body(SeriesRef(raw: UInt32(index * Self.pageSize + offset)), &page[offset])
            }
        }
    }

    /// Frees what dropped series still hold: their labels, table slots, and pages without a live series.
    mutating func compact() {
        var fresh = LabelSlab()
        for (index, page) in pages.enumerated() {
            guard let page else { continue }
            for offset in 0..<Self.pageSize where page[offset].isAlive {
                page[offset].labelOffset = fresh.add(slab.bytes(page[offset].labelOffset, page[offset].labelCount))
            }
            // The newest page still takes new series.
            if alive[index] == 0, index < Int(lastRef.raw) / Self.pageSize { freePage(index) }
        }
        slab = fresh
        dropped = 0
        rebuildTable()
    }

    private func pointer(_ ref: SeriesRef) -> UnsafeMutablePointer<SeriesRecord>? {
        let page = Int(ref.raw) / Self.pageSize
        guard page < pages.count, let base = pages[page] else { return nil }
        return base + Int(ref.raw) % Self.pageSize
    }

    private mutating func makePage(_ index: Int) {
        while pages.count <= index {
            pages.append(nil)
            alive.append(0)
        }
        guard pages[index] == nil else { return }
        let page = UnsafeMutablePointer<SeriesRecord>.allocate(capacity: Self.pageSize)
        var empty = SeriesRecord(labelOffset: 0, labelCount: 0, hash: 0)
        empty.isAlive = false
        page.initialize(repeating: empty, count: Self.pageSize)
        pages[index] = page
        pageCount += 1
    }

    private mutating func freePage(_ index: Int) {
        guard let page = pages[index] else { return }
        Self.free(page)
        pages[index] = nil
        pageCount -= 1
    }

    private static func free(_ page: UnsafeMutablePointer<SeriesRecord>) {
        for offset in 0..<pageSize where page[offset].isAlive { page[offset].chunk.release() }
        page.deinitialize(count: pageSize)
        page.deallocate()
    }

    private static func entry(_ hash: UInt64, _ ref: SeriesRef) -> UInt64 { hash & ~0xFFFF_FFFF | UInt64(ref.raw) }

    /// The slot that holds the series, or the free one where it belongs.
    private func slot(_ labels: UnsafeRawBufferPointer, _ hash: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let ref = SeriesRef(raw: UInt32(truncatingIfNeeded: slots[slot]))
            if slots[slot] == Self.entry(hash, ref), contains(ref), Bytes.equal(self.labels(ref), labels) {
                return slot
            }
            slot = (slot + 1) & mask
        }
        return slot
    }

    /// Fills a table of fitting size with the live series.
    private mutating func rebuildTable() {
        var size = 1024
        while size < count * 2 { size *= 2 }
        // The old slots go before there are new ones.
        slots = []
        slots = [UInt64](repeating: 0, count: size)
        occupied = count
        let mask = size - 1
        for (index, page) in pages.enumerated() {
            guard let page, alive[index] > 0 else { continue }
            for offset in 0..<Self.pageSize where page[offset].isAlive {
                var slot = Int(truncatingIfNeeded: page[offset].hash) & mask
                while slots[slot] != 0 { slot = (slot + 1) & mask }
                slots[slot] = Self.entry(page[offset].hash, SeriesRef(raw: UInt32(index * Self.pageSize + offset)))
            }
        }
    }
}
