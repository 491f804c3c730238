import MartletCore

/// Reads the fields of one protobuf message from a byte buffer, front to back, without allocating.
///
/// ```
/// while try cursor.next() {
///     switch cursor.field {
///     case 1: name = try cursor.delimited()
///     default: try cursor.skip()
///     }
/// }
/// ```
/// Every field that `next()` announces must be read or skipped before the next call. Sub-messages are cursors over the same
/// buffer, so offsets in errors always count from the start of the body. Acceptance follows protobuf-c: varints of up to
/// ten bytes with surplus bits dropped, tags and lengths of up to five, no groups, a known field of another wire type is an
/// error. The buffer must outlive the cursor.
package struct ProtoCursor {
    @usableFromInline let bytes: UnsafeRawBufferPointer
    @usableFromInline var position: Int
    @usableFromInline let end: Int
    /// Number of the field that `next()` found.
    package private(set) var field: UInt32 = 0
    /// Layout of the field that `next()` found.
    package private(set) var wireType = ProtoWireType.varint
    private var fieldStart: Int

    /// A cursor over a whole body.
    package init(_ bytes: UnsafeRawBufferPointer) {
        self.init(bytes, 0..<bytes.count)
    }

    /// A cursor over the message at `bounds`, which must lie inside `bytes`.
    package init(_ bytes: UnsafeRawBufferPointer, _ bounds: Range<Int>) {
        precondition(bounds.lowerBound >= 0 && bounds.upperBound <= bytes.count)
        self.bytes = bytes
        position = bounds.lowerBound
        end = bounds.upperBound
        fieldStart = position
    }

    /// Offset of the next unread byte.
    package var offset: Int { position }

    /// Reads the next tag; false at the end of the message.
    package mutating func next() throws(WireError) -> Bool {
        guard position < end else { return false }
        fieldStart = position
        var tag = UInt32(bytes[position])
        position += 1
        if tag >= 0x80 {
            tag &= 0x7f
            tag |= try tagRest()
        }
        field = tag >> 3
        guard field != 0 else { throw .malformed(offset: fieldStart, what: "field number 0") }
        guard let type = ProtoWireType(rawValue: UInt8(truncatingIfNeeded: tag & 7)) else {
            throw .malformed(offset: fieldStart, what: "wire type \(tag & 7) of field \(field)")
        }
        wireType = type
        return true
    }

    private mutating func tagRest() throws(WireError) -> UInt32 {
        var value: UInt32 = 0
        var shift: UInt32 = 7
        while shift <= 28 {
            guard position < end else { throw .truncated(offset: fieldStart) }
            let byte = UInt32(bytes[position])
            position += 1
            if shift == 28, byte < 0x80, byte > 0x0f {
                throw .malformed(offset: fieldStart, what: "field number out of range")
            }
            value |= (byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .malformed(offset: fieldStart, what: "field tag longer than five bytes")
    }

    // MARK: Values

    /// uint64, and the raw bits of every other varint type.
    package mutating func uint64() throws(WireError) -> UInt64 {
        try expect(.varint)
        return try varint()
    }

    /// int64 in two's complement.
    package mutating func int64() throws(WireError) -> Int64 {
        Int64(bitPattern: try uint64())
    }

    /// uint32: the low 32 bits.
    package mutating func uint32() throws(WireError) -> UInt32 {
        UInt32(truncatingIfNeeded: try uint64())
    }

    /// int32 and enums: the low 32 bits.
    package mutating func int32() throws(WireError) -> Int32 {
        Int32(truncatingIfNeeded: Int64(bitPattern: try uint64()))
    }

    /// sint32, zig-zag.
    package mutating func sint32() throws(WireError) -> Int32 {
        let raw = UInt32(truncatingIfNeeded: try uint64())
        return Int32(bitPattern: (raw >> 1) ^ (0 &- (raw & 1)))
    }

    /// bool: any bit set.
    package mutating func bool() throws(WireError) -> Bool {
        try uint64() != 0
    }

    /// fixed64.
    package mutating func fixed64() throws(WireError) -> UInt64 {
        try expect(.fixed64)
        return try rawFixed64()
    }

    /// double.
    package mutating func double() throws(WireError) -> Double {
        Double(bitPattern: try fixed64())
    }

    /// fixed32.
    package mutating func fixed32() throws(WireError) -> UInt32 {
        try expect(.fixed32)
        guard end - position >= 4 else { throw .truncated(offset: position) }
        defer { position += 4 }
        return UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
    }

    /// Bounds of a bytes, string or message field within the body.
    package mutating func delimited() throws(WireError) -> Range<Int> {
        try expect(.delimited)
        return try rawDelimited()
    }

    /// Bounds of a string field: proto3 wants it in UTF-8, and parsers refuse a message whose strings are not.
    package mutating func string() throws(WireError) -> Range<Int> {
        let bounds = try delimited()
        guard isUTF8(bounds) else {
            throw .malformed(offset: bounds.lowerBound, what: "string of field \(field) is not valid UTF-8")
        }
        return bounds
    }

    /// The same as a range that columns can hold.
    package mutating func stringRange() throws(WireError) -> ByteRange {
        let bounds = try string()
        return ByteRange(offset: bounds.lowerBound, count: bounds.count)
    }

    /// Most strings are short and ASCII: eight bytes at a time, the last eight overlapping what was seen already.
    @inline(__always)
    private func isUTF8(_ bounds: Range<Int>) -> Bool {
        var seen: UInt64 = 0
        var at = bounds.lowerBound
        let end = bounds.upperBound
        if end - at >= 8 {
            while end - at > 8 {
                seen |= bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                at += 8
            }
            seen |= bytes.loadUnaligned(fromByteOffset: end - 8, as: UInt64.self)
        } else {
            while at < end {
                seen |= UInt64(bytes[at])
                at += 1
            }
        }
        if seen & 0x8080_8080_8080_8080 == 0 { return true }
        return Bytes.isValidUTF8(UnsafeRawBufferPointer(rebasing: bytes[bounds]))
    }

    /// Bounds of a bytes field as a range that columns can hold.
    package mutating func byteRange() throws(WireError) -> ByteRange {
        let bounds = try delimited()
        return ByteRange(offset: bounds.lowerBound, count: bounds.count)
    }

    /// A cursor over a sub-message.
    package mutating func message() throws(WireError) -> ProtoCursor {
        ProtoCursor(bytes, try delimited())
    }

    /// A repeated double, packed or one at a time; appends to `values`.
    package mutating func doubles(into values: inout [Double]) throws(WireError) {
        if wireType == .delimited {
            let bounds = try packedFixed64()
            var at = bounds.lowerBound
            values.reserveCapacity(values.count + bounds.count / 8)
            while at < bounds.upperBound {
                let bits = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                values.append(Double(bitPattern: UInt64(littleEndian: bits)))
                at += 8
            }
        } else {
            values.append(try double())
        }
    }

    /// A repeated fixed64, packed or one at a time; appends to `values`.
    package mutating func fixed64s(into values: inout [UInt64]) throws(WireError) {
        if wireType == .delimited {
            let bounds = try packedFixed64()
            var at = bounds.lowerBound
            values.reserveCapacity(values.count + bounds.count / 8)
            while at < bounds.upperBound {
                values.append(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
                at += 8
            }
        } else {
            values.append(try fixed64())
        }
    }

    /// A repeated uint64 (or any varint type as raw bits), packed or one at a time; appends to `values`.
    package mutating func uint64s(into values: inout [UInt64]) throws(WireError) {
        if wireType == .delimited {
            var packed = ProtoCursor(bytes, try rawDelimited())
            packed.fieldStart = fieldStart
            while packed.position < packed.end { values.append(try packed.varint()) }
        } else {
            values.append(try uint64())
        }
    }

    /// Checks a repeated varint, packed or not, and passes over it.
    mutating func checkVarints() throws(WireError) {
        guard wireType == .delimited else {
            _ = try uint64()
            return
        }
        var packed = ProtoCursor(bytes, try rawDelimited())
        packed.fieldStart = fieldStart
        while packed.position < packed.end { _ = try packed.varint() }
    }

    /// Checks a repeated double, packed or not, and passes over it.
    mutating func checkDoubles() throws(WireError) {
        if wireType == .delimited { _ = try packedFixed64() } else { _ = try fixed64() }
    }

    /// Passes over the field, whatever it is.
    package mutating func skip() throws(WireError) {
        switch wireType {
        case .varint: _ = try varint()
        case .fixed64: _ = try rawFixed64()
        case .delimited: _ = try rawDelimited()
        case .fixed32: _ = try fixed32()
        }
    }

    // MARK: Layout

    @inline(__always)
    private func expect(_ type: ProtoWireType) throws(WireError) {
        guard wireType == type else {
            throw .malformed(offset: fieldStart, what: "field \(field) has wire type \(wireType.rawValue)")
        }
    }

    private mutating func packedFixed64() throws(WireError) -> Range<Int> {
        let bounds = try rawDelimited()
        guard bounds.count.isMultiple(of: 8) else {
            throw .malformed(offset: fieldStart, what: "packed field \(field) of \(bounds.count) bytes")
        }
        return bounds
    }

    @inline(__always)
    private mutating func rawFixed64() throws(WireError) -> UInt64 {
        guard end - position >= 8 else { throw .truncated(offset: position) }
        defer { position += 8 }
        return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    @inline(__always)
    private mutating func rawDelimited() throws(WireError) -> Range<Int> {
        guard position < end else { throw .truncated(offset: position) }
        var length = Int(bytes[position])
        position += 1
        if length >= 0x80 { length = try lengthRest(length & 0x7f) }
        guard length <= end - position else { throw .truncated(offset: fieldStart) }
        let start = position
        position += length
        return start..<position
    }

    private mutating func lengthRest(_ low: Int) throws(WireError) -> Int {
        var value = low
        var shift = 7
        while shift <= 28 {
            guard position < end else { throw .truncated(offset: fieldStart) }
            let byte = Int(bytes[position])
            position += 1
            value |= (byte & 0x7f) << shift
            if byte < 0x80 {
                // As a signed 32-bit number this would be negative.
                guard value <= Int(Int32.max) else { throw .malformed(offset: fieldStart, what: "length \(value)") }
                return value
            }
            shift += 7
        }
        throw .malformed(offset: fieldStart, what: "length longer than five bytes")
    }

    /// A varint that stands without a tag, in a packed field.
    @inline(__always)
    mutating func varint() throws(WireError) -> UInt64 {
        guard position < end else { throw .truncated(offset: position) }
        let first = bytes[position]
        position += 1
        if first < 0x80 { return UInt64(first) }
        return try varintRest(UInt64(first & 0x7f))
    }

    private mutating func varintRest(_ low: UInt64) throws(WireError) -> UInt64 {
        var value = low
        var shift: UInt64 = 7
        while shift <= 63 {
            guard position < end else { throw .truncated(offset: fieldStart) }
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .malformed(offset: fieldStart, what: "varint longer than ten bytes")
    }
}
