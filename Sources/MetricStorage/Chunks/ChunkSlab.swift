import CPlatform
import Durable
import MartletCore

/// Closed chunks, in the form of one of Prometheus' head chunk files:
///
///     0130BC91 | version 1 | 3 zero bytes | {series u64 | first time i64 | last time i64 | encoding u8 |
///         uvarint length | data | CRC32C of all before u32}*          (integers are big endian)
///
/// A slab is filled in memory; once full it is written to its file and read from there. Beside it lies a table of its
/// chunks, which links each to the series' chunk before it. Chunks and entries are written once, before anyone can know
/// their address, and freed with the last reference: a snapshot that holds the slab reads it without a lock while others
/// are added behind. Source: Prometheus' tsdb/docs/format/head_chunks.md.
///
/// Sendable by that rule: only the head, under its lock, writes, and only behind `used` and `count`.
final class ChunkSlab: @unchecked Sendable {
    /// Where a chunk lies in the slab.
    struct Entry {
        /// The series' chunk before this one.
        let previous: ChunkAddress
        let series: UInt64
        let first: Int64
        let last: Int64
        let offset: UInt32
        let count: UInt32
        let encoding: UInt8
    }

    static let magic: [UInt8] = [0x01, 0x30, 0xBC, 0x91, 1, 0, 0, 0]
    /// Set in the encoding of a chunk of out-of-order samples.
    static let outOfOrder: UInt8 = 0x80
    /// Bytes of a chunk's header and checksum at most.
    private static let overhead = 34

    /// Bytes that a slab in memory holds, its header included.
    private let capacity: Int
    private let entryCapacity: Int
    private let entries: UnsafeMutablePointer<Entry>
    private let memoryBase: UnsafeMutableRawPointer?
    private let base: UnsafeRawPointer?
    /// The file that holds the slab, when it is not in memory.
    let file: MappedFile?
    /// Bytes in use.
    private(set) var used = 0
    /// Chunks in the slab.
    private(set) var count = 0
    /// Time of the latest sample.
    private(set) var lastTime = Int64.min

    /// An empty slab in memory.
    init(capacity: Int) {
        self.capacity = max(capacity, 4096)
        entryCapacity = self.capacity / 128
        entries = .allocate(capacity: entryCapacity)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: self.capacity, alignment: 16)
        memory.copyMemory(from: Self.magic, byteCount: Self.magic.count)
        memoryBase = memory
        base = UnsafeRawPointer(memory)
        file = nil
        used = Self.magic.count
    }

    /// A slab whose chunks lie in a file.
    init(_ file: MappedFile, entries found: [Entry]) {
        self.file = file
        capacity = 0
        entryCapacity = found.count
        entries = .allocate(capacity: max(1, found.count))
        for (index, entry) in found.enumerated() { (entries + index).initialize(to: entry) }
        memoryBase = nil
        // The pages stay as long as the file object, which lives as long as this one.
        base = file.withBytes { $0.baseAddress }
        used = file.count
        count = found.count
        for entry in found { lastTime = max(lastTime, entry.last) }
    }

    deinit {
        entries.deallocate()
        memoryBase?.deallocate()
    }

    /// Bytes of memory held: pages not yet touched are none.
    var memory: Int { (memoryBase == nil ? 0 : used) + count * MemoryLayout<Entry>.stride }

    /// Whether a chunk of so many bytes finds room.
    func hasRoom(for bytes: Int) -> Bool {
        memoryBase != nil && used + bytes + Self.overhead <= capacity && count < entryCapacity
    }

    /// The bytes of its file.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: base == nil ? 0 : used) }

    /// All chunks.
    var allEntries: [Entry] { Array(UnsafeBufferPointer(start: entries, count: count)) }

    subscript(index: Int) -> Entry { entries[index] }

    /// Asks for an entry.
    func prefetch(_ index: Int) {
        cplatform_prefetch(entries + index)
        cplatform_prefetch(UnsafeRawPointer(entries + index) + MemoryLayout<Entry>.size - 1)
    }

    func data(_ entry: Entry) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base.map { $0 + Int(entry.offset) }, count: base == nil ? 0 : Int(entry.count))
    }

    /// Copies a chunk in; there must be room.
    func add(
        _ bytes: UnsafeRawBufferPointer, _ encoding: UInt8, series: UInt64, first: Int64, last: Int64,
        previous: ChunkAddress
    ) -> Int {
        guard let memory = memoryBase, hasRoom(for: bytes.count) else { preconditionFailure("the slab is full") }
        let start = used
        memory.storeBytes(of: series.bigEndian, toByteOffset: start, as: UInt64.self)
        memory.storeBytes(of: first.bigEndian, toByteOffset: start + 8, as: Int64.self)
        memory.storeBytes(of: last.bigEndian, toByteOffset: start + 16, as: Int64.self)
        memory.storeBytes(of: encoding, toByteOffset: start + 24, as: UInt8.self)
        var position = start + 25
        var rest = bytes.count
        while rest >= 0x80 {
            memory.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: position, as: UInt8.self)
            position += 1
            rest >>= 7
        }
        memory.storeBytes(of: UInt8(rest), toByteOffset: position, as: UInt8.self)
        position += 1
        if let source = bytes.baseAddress { (memory + position).copyMemory(from: source, byteCount: bytes.count) }
        let end = position + bytes.count
        let checksum = CRC32C.checksum(UnsafeRawBufferPointer(start: memory + start, count: end - start))
        memory.storeBytes(of: checksum.bigEndian, toByteOffset: end, as: UInt32.self)
        (entries + count).initialize(
            to: Entry(
                previous: previous, series: series, first: first, last: last, offset: UInt32(position),
                count: UInt32(bytes.count), encoding: encoding))
        used = end + 4
        count += 1
        lastTime = max(lastTime, last)
        return count - 1
    }
}
