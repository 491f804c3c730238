/// Reads numbers and byte runs from a buffer, front to back, with bounds checks. The buffer must outlive the cursor.
package struct ByteCursor {
    /// All of the input.
    package let buffer: UnsafeRawBufferPointer
    @usableFromInline var position: Int

    package init(_ buffer: UnsafeRawBufferPointer, offset: Int = 0) {
        self.buffer = buffer
        position = min(max(0, offset), buffer.count)
    }

    /// Where the next read begins.
    @inlinable
    package var offset: Int { position }

    /// Bytes not read yet.
    @inlinable
    package var remaining: Int { buffer.count - position }

    /// True when all was read.
    @inlinable
    package var isAtEnd: Bool { position == buffer.count }

    /// What is not read yet.
    @inlinable
    package var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[position...]) }

    /// The next byte without reading it, or nil at the end.
    @inlinable
    package var peek: UInt8? { position < buffer.count ? buffer[position] : nil }

    @inlinable
    package mutating func u8() throws(ByteCursorError) -> UInt8 {
        try need(1)
        defer { position += 1 }
        return buffer[position]
    }

    @inlinable
    package mutating func u16BE() throws(ByteCursorError) -> UInt16 { UInt16(bigEndian: try load()) }
    @inlinable
    package mutating func u16LE() throws(ByteCursorError) -> UInt16 { UInt16(littleEndian: try load()) }
    @inlinable
    package mutating func u32BE() throws(ByteCursorError) -> UInt32 { UInt32(bigEndian: try load()) }
    @inlinable
    package mutating func u32LE() throws(ByteCursorError) -> UInt32 { UInt32(littleEndian: try load()) }
    @inlinable
    package mutating func u64BE() throws(ByteCursorError) -> UInt64 { UInt64(bigEndian: try load()) }
    @inlinable
    package mutating func u64LE() throws(ByteCursorError) -> UInt64 { UInt64(littleEndian: try load()) }

    /// Unsigned LEB128, at most 64 bits.
    @inlinable
    package mutating func uvarint() throws(ByteCursorError) -> UInt64 {
        let start = position
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard position < buffer.count else {
                position = start
                throw .truncated(offset: start, needed: buffer.count - start + 1)
            }
            let byte = buffer[position]
            position += 1
            // The tenth byte carries one bit only.
            if shift == 63, byte > 1 {
                position = start
                throw .overlongVarint(offset: start)
            }
            result |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return result }
            shift += 7
        }
    }

    /// Zig-zag signed LEB128, as Go's `binary.Varint` and protobuf's sint.
    @inlinable
    package mutating func varint() throws(ByteCursorError) -> Int64 {
        let raw = try uvarint()
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    /// The next `count` bytes, as a view into the buffer.
    @inlinable
    package mutating func bytes(_ count: Int) throws(ByteCursorError) -> UnsafeRawBufferPointer {
        try need(count)
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: buffer[position..<position + count])
    }

    /// A byte run preceded by its length as an unsigned LEB128.
    @inlinable
    package mutating func uvarintBytes() throws(ByteCursorError) -> UnsafeRawBufferPointer {
        let start = position
        let length = try uvarint()
        guard length <= UInt64(remaining) else {
            let at = position
            position = start
            throw .truncated(offset: at, needed: Int(clamping: length))
        }
        return try bytes(Int(length))
    }

    /// Leaves `count` bytes out.
    @inlinable
    package mutating func skip(_ count: Int) throws(ByteCursorError) {
        try need(count)
        position += count
    }

    @inlinable
    func need(_ count: Int) throws(ByteCursorError) {
        guard count >= 0, count <= buffer.count - position else { throw .truncated(offset: position, needed: count) }
    }

    @inlinable
    mutating func load<T: FixedWidthInteger & BitwiseCopyable>() throws(ByteCursorError) -> T {
        try need(MemoryLayout<T>.size)
        defer { position += MemoryLayout<T>.size }
        return buffer.loadUnaligned(fromByteOffset: position, as: T.self)
    }
}
