import MartletCore

/// Where a page lies in a part's file, and what it must be.
struct PageReference: Hashable, Sendable {
    /// Bytes from the start of the file.
    let offset: UInt64
    /// Bytes in the file.
    let packed: UInt32
    /// Bytes of content; as many as `packed` when the page is stored as it is, else it is one Zstandard frame.
    let unpacked: UInt32
    /// CRC-32C of the bytes in the file.
    let checksum: UInt32

    init(offset: UInt64, packed: UInt32, unpacked: UInt32, checksum: UInt32) {
        self.offset = offset
        self.packed = packed
        self.unpacked = unpacked
        self.checksum = checksum
    }

    init(_ cursor: inout ByteCursor) throws(ByteCursorError) {
        offset = try cursor.uvarint()
        packed = UInt32(clamping: try cursor.uvarint())
        unpacked = UInt32(clamping: try cursor.uvarint())
        checksum = try cursor.u32LE()
    }

    func write(to writer: inout ByteWriter) {
        writer.uvarint(offset)
        writer.uvarint(UInt64(packed))
        writer.uvarint(UInt64(unpacked))
        writer.u32LE(checksum)
    }
}
