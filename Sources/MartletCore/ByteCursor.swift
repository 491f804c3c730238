/// Reads numbers and byte runs from a buffer, front to back, with bounds checks. The buffer must outlive the cursor.
package struct ByteCursor {
    /// All of the input.
    package let buffer: UnsafeRawBufferPointer
    /// Where the next read begins.
    package private(set) var offset: Int

    package init(_ buffer: UnsafeRawBufferPointer, offset: Int = 0) {
        self.buffer = buffer
        self.offset = min(max(0, offset), buffer.count)
    }

    /// Bytes not read yet.
    package var remaining: Int { buffer.count - offset }

    /// True when all was read.
    package var isAtEnd: Bool { offset == buffer.count }

    /// What is not read yet.
    package var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[offset...]) }

    /// The next byte without reading it, or nil at the end.
    package var peek: UInt8? { offset < buffer.count ? buffer[offset] : nil }

    package mutating func u8() throws(ByteCursorError) -> UInt8 {
        try need(1)
        defer { offset += 1 }
        return buffer[offset]
    }

    package mutating func u16BE() throws(ByteCursorError) -> UInt16 { UInt16(bigEndian: try load()) }
    package mutating func u16LE() throws(ByteCursorError) -> UInt16 { UInt16(littleEndian: try load()) }
    package mutating func u32BE() throws(ByteCursorError) -> UInt32 { UInt32(bigEndian: try load()) }
    package mutating func u32LE() throws(ByteCursorError) -> UInt32 { UInt32(littleEndian: try load()) }
    package mutating func u64BE() throws(ByteCursorError) -> UInt64 { UInt64(bigEndian: try load()) }
    package mutating func u64LE() throws(ByteCursorError) -> UInt64 { UInt64(littleEndian: try load()) }

    /// Unsigned LEB128, at most 64 bits.
    package mutating func uvarint() throws(ByteCursorError) -> UInt64 {
        let start = offset
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard offset < buffer.count else {
                offset = start
                throw .truncated(offset: start, needed: buffer.count - start + 1)
            }
            let byte = buffer[offset]
            offset += 1
            // The tenth byte carries one bit only.
            if shift == 63, byte > 1 {
                offset = start
                throw .overlongVarint(offset: start)
            }
            result |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return result }
            shift += 7
        }
    }

    /// Zig-zag signed LEB128, as Go's `binary.Varint` and protobuf's sint.
    package mutating func varint() throws(ByteCursorError) -> Int64 {
        let raw = try uvarint()
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    /// The next `count` bytes, as a view into the buffer.
    package mutating func bytes(_ count: Int) throws(ByteCursorError) -> UnsafeRawBufferPointer {
        try need(count)
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: buffer[offset..<offset + count])
    }

    /// A byte run preceded by its length as an unsigned LEB128.
    package mutating func uvarintBytes() throws(ByteCursorError) -> UnsafeRawBufferPointer {
        let start = offset
        let length = try uvarint()
        guard length <= UInt64(remaining) else {
            let at = offset
            offset = start
            throw .truncated(offset: at, needed: Int(clamping: length))
        }
        return try bytes(Int(length))
    }

    /// Leaves `count` bytes out.
    package mutating func skip(_ count: Int) throws(ByteCursorError) {
        try need(count)
        offset += count
    }

    private func need(_ count: Int) throws(ByteCursorError) {
        guard count >= 0, count <= buffer.count - offset else { throw .truncated(offset: offset, needed: count) }
    }

    private mutating func load<T: FixedWidthInteger & BitwiseCopyable>() throws(ByteCursorError) -> T {
        try need(MemoryLayout<T>.size)
        defer { offset += MemoryLayout<T>.size }
        return buffer.loadUnaligned(fromByteOffset: offset, as: T.self)
    }
}
