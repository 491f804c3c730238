import MartletCore

/// What can be told of a block without unpacking it.
struct BlockHeader: Sendable, Hashable {
    static let magic: [UInt8] = [0x4D, 0x4C, 0x47, 0x42, 2]
    /// Blocks are sealed far below this; a larger one is damage.
    static let maxRawBytes = 1 << 30
    /// The magic, the fields and the checksum take no more than this.
    static let maxBytes = 128
    /// Most entries of a block: some take no bytes at all.
    static let maxCount = 1 << 24

    /// Entries.
    var count: Int
    var minTime: Int64
    var maxTime: Int64
    /// Bytes of all lines.
    var lineBytes: Int
    /// Bytes of the distinct metadata sets.
    var setBytes: Int
    var filterBytes: Int
    /// Bytes of the directory, unpacked.
    var directoryBytes: Int
    /// Bytes of the directory in the block.
    var packedDirectoryBytes: Int

    /// Writes the fields that follow the magic.
    func write(to writer: inout ByteWriter) {
        writer.uvarint(UInt64(count))
        writer.varint(minTime)
        writer.uvarint(UInt64(bitPattern: maxTime &- minTime))
        for size in [lineBytes, setBytes, filterBytes, directoryBytes, packedDirectoryBytes] {
            writer.uvarint(UInt64(size))
        }
    }

    /// Reads the front of a block, checked: the header, the filter, and what follows their checksum.
    static func read(
        _ bytes: UnsafeRawBufferPointer
    ) throws -> (header: BlockHeader, filter: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer) {
        var cursor = ByteCursor(bytes)
        guard bytes.count >= magic.count, try cursor.bytes(magic.count).elementsEqual(magic) else {
            throw LogStorageError.corruptBlock("no block begins here")
        }
        let header = try BlockHeader(&cursor)
        let filter = try cursor.bytes(header.filterBytes)
        let front = UnsafeRawBufferPointer(rebasing: bytes[..<cursor.offset])
        guard try cursor.u32LE() == CRC32C.checksum(front) else {
            throw LogStorageError.corruptBlock("the checksum of its header does not match")
        }
        return (header, filter, cursor.rest)
    }

    /// Reads the fields behind the magic.
    init(_ cursor: inout ByteCursor) throws {
        count = try Self.size(&cursor)
        minTime = try cursor.varint()
        maxTime = minTime &+ Int64(bitPattern: try cursor.uvarint())
        lineBytes = try Self.size(&cursor)
        setBytes = try Self.size(&cursor)
        filterBytes = try Self.size(&cursor)
        directoryBytes = try Self.size(&cursor)
        packedDirectoryBytes = try Self.size(&cursor)
        guard count > 0, count <= Self.maxCount, minTime <= maxTime, directoryBytes <= packedDirectoryBytes * 32768
        else {
            throw LogStorageError.corruptBlock("its header contradicts itself")
        }
    }

    init(
        count: Int, minTime: Int64, maxTime: Int64, lineBytes: Int, setBytes: Int, filterBytes: Int,
        directoryBytes: Int, packedDirectoryBytes: Int
    ) {
        self.count = count
        self.minTime = minTime
        self.maxTime = maxTime
        self.lineBytes = lineBytes
        self.setBytes = setBytes
        self.filterBytes = filterBytes
        self.directoryBytes = directoryBytes
        self.packedDirectoryBytes = packedDirectoryBytes
    }

    private static func size(_ cursor: inout ByteCursor) throws -> Int {
        let value = try cursor.uvarint()
        guard value <= UInt64(maxRawBytes) else { throw LogStorageError.corruptBlock("a size of \(value)") }
        return Int(value)
    }
}
