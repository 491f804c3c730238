/// Appends protobuf fields to a byte array. Scalars are written even when zero; callers leave defaults out themselves
/// where the schema has no presence.
package struct ProtoWriter {
    /// What was written so far.
    package private(set) var bytes: [UInt8]

    /// An empty message; `capacity` is what it will probably need.
    package init(capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Continues behind `bytes`.
    package init(appendingTo bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// uint64, uint32, bool and enums that are not negative.
    package mutating func uint64(_ field: UInt32, _ value: UInt64) {
        tag(field, .varint)
        varint(value)
    }

    /// int64 and int32 in two's complement: ten bytes when negative.
    package mutating func int64(_ field: UInt32, _ value: Int64) {
        uint64(field, UInt64(bitPattern: value))
    }

    /// sint32 and sint64, zig-zag.
    package mutating func sint64(_ field: UInt32, _ value: Int64) {
        uint64(field, UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// bool.
    package mutating func bool(_ field: UInt32, _ value: Bool) {
        uint64(field, value ? 1 : 0)
    }

    /// fixed64 and sfixed64.
    package mutating func fixed64(_ field: UInt32, _ value: UInt64) {
        tag(field, .fixed64)
        rawFixed64(value)
    }

    /// fixed32.
    package mutating func fixed32(_ field: UInt32, _ value: UInt32) {
        tag(field, .fixed32)
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// double.
    package mutating func double(_ field: UInt32, _ value: Double) {
        fixed64(field, value.bitPattern)
    }

    /// bytes or string.
    package mutating func bytes(_ field: UInt32, _ value: UnsafeRawBufferPointer) {
        tag(field, .delimited)
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// bytes or string.
    package mutating func bytes(_ field: UInt32, _ value: ByteString) {
        value.withBytes { bytes(field, $0) }
    }

    /// bytes or string.
    package mutating func bytes(_ field: UInt32, _ value: [UInt8]) {
        value.withUnsafeBytes { bytes(field, $0) }
    }

    /// string.
    package mutating func string(_ field: UInt32, _ value: String) {
        tag(field, .delimited)
        varint(UInt64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    /// Fields that are encoded already, with their tags.
    package mutating func encoded(_ fields: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: fields)
    }

    /// A sub-message whose fields `body` writes.
    package mutating func message(_ field: UInt32, _ body: (inout ProtoWriter) -> Void) {
        tag(field, .delimited)
        let start = bytes.count
        // Most sub-messages are shorter than 128 bytes: one byte for the length, and room is made when that was too few.
        bytes.append(0)
        body(&self)
        let length = bytes.count - start - 1
        if length < 0x80 {
            bytes[start] = UInt8(length)
            return
        }
        var prefix: [UInt8] = []
        var rest = UInt64(length)
        while rest >= 0x80 {
            prefix.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        prefix.append(UInt8(rest))
        bytes.replaceSubrange(start...start, with: prefix)
    }

    /// A packed repeated fixed64; nothing when empty.
    package mutating func packedFixed64(_ field: UInt32, _ values: [UInt64]) {
        guard !values.isEmpty else { return }
        tag(field, .delimited)
        varint(UInt64(values.count * 8))
        for value in values { rawFixed64(value) }
    }

    /// A packed repeated double; nothing when empty.
    package mutating func packedDouble(_ field: UInt32, _ values: [Double]) {
        guard !values.isEmpty else { return }
        tag(field, .delimited)
        varint(UInt64(values.count * 8))
        for value in values { rawFixed64(value.bitPattern) }
    }

    /// A packed repeated uint64; nothing when empty.
    package mutating func packedUInt64(_ field: UInt32, _ values: [UInt64]) {
        guard !values.isEmpty else { return }
        message(field) { writer in
            for value in values { writer.varint(value) }
        }
    }

    private mutating func tag(_ field: UInt32, _ type: ProtoWireType) {
        varint(UInt64(field) << 3 | UInt64(type.rawValue))
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func rawFixed64(_ value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
