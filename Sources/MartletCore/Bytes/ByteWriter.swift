/// Appends numbers and byte runs to an array: the writing side of `ByteCursor`.
package struct ByteWriter: Sendable {
    /// What was written.
    package var bytes: [UInt8]

    /// Starts with `bytes`, to which it appends.
    package init(_ bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    /// Bytes written so far.
    package var count: Int { bytes.count }

    package mutating func u8(_ value: UInt8) { bytes.append(value) }
    package mutating func u16BE(_ value: UInt16) { store(value.bigEndian) }
    package mutating func u16LE(_ value: UInt16) { store(value.littleEndian) }
    package mutating func u32BE(_ value: UInt32) { store(value.bigEndian) }
    package mutating func u32LE(_ value: UInt32) { store(value.littleEndian) }
    package mutating func u64BE(_ value: UInt64) { store(value.bigEndian) }
    package mutating func u64LE(_ value: UInt64) { store(value.littleEndian) }

    /// Unsigned LEB128.
    package mutating func uvarint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: value))
    }

    /// Zig-zag signed LEB128.
    package mutating func varint(_ value: Int64) {
        uvarint(UInt64(bitPattern: value << 1) ^ UInt64(bitPattern: value >> 63))
    }

    /// Appends a byte run.
    package mutating func append(_ run: UnsafeRawBufferPointer) { bytes.append(contentsOf: run) }

    /// Appends a byte run.
    package mutating func append(_ run: [UInt8]) { bytes.append(contentsOf: run) }

    /// Appends the text's UTF-8.
    package mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Appends a byte run preceded by its length as an unsigned LEB128.
    package mutating func uvarintBytes(_ run: UnsafeRawBufferPointer) {
        uvarint(UInt64(run.count))
        append(run)
    }

    /// Appends `count` zero bytes.
    package mutating func zeros(_ count: Int) {
        bytes.append(contentsOf: repeatElement(0, count: count))
    }

    /// Overwrites four bytes that were written before.
    package mutating func patchU32BE(_ value: UInt32, at offset: Int) {
        for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * index)) }
    }

    private mutating func store<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }
}
