import Testing
import Wire

@Suite("Protobuf cursor")
struct ProtoCursorTests {
    private func read(
        _ bytes: [UInt8], _ body: (inout ProtoCursor) throws(WireError) -> Void
    ) throws {
        try bytes.withUnsafeBytes { buffer in
            var cursor = ProtoCursor(buffer)
            while try cursor.next() { try body(&cursor) }
        }
    }

    @Test("reads what the writer wrote")
    func roundTrip() throws {
        var writer = ProtoWriter()
        writer.uint64(1, .max)
        writer.int64(2, .min)
        writer.sint64(3, -5)
        writer.bool(4, true)
        writer.fixed64(5, 0x0102_0304_0506_0708)
        writer.fixed32(6, 9)
        writer.double(7, -0.0)
        writer.string(8, "text")
        writer.packedUInt64(9, [0, 127, 128, .max])
        writer.packedDouble(536_870_911, [1.5])
        var seen: [UInt32] = []
        try read(writer.bytes) { (cursor) throws(WireError) in
            seen.append(cursor.field)
            switch cursor.field {
            case 1: #expect(try cursor.uint64() == .max)
            case 2: #expect(try cursor.int64() == .min)
            case 3: #expect(try cursor.sint32() == -5)
            case 4: #expect(try cursor.bool())
            case 5: #expect(try cursor.fixed64() == 0x0102_0304_0506_0708)
            case 6: #expect(try cursor.fixed32() == 9)
            case 7: #expect(try cursor.double().sign == .minus)
            case 8: #expect(try cursor.delimited().count == 4)
            case 9:
                var values: [UInt64] = []
                try cursor.uint64s(into: &values)
                #expect(values == [0, 127, 128, .max])
            default:
                var values: [Double] = []
                try cursor.doubles(into: &values)
                #expect(values == [1.5])
            }
        }
        #expect(seen == [1, 2, 3, 4, 5, 6, 7, 8, 9, 536_870_911])
    }

    @Test(
        "lengths of nested messages take as many bytes as they need",
        arguments: [0, 1, 127, 128, 16_383, 16_384, 3_000_000])
    func lengths(size: Int) throws {
        var writer = ProtoWriter()
        writer.message(1) { outer in
            outer.message(2) { $0.bytes(3, [UInt8](repeating: 7, count: size)) }
            outer.bool(4, true)
        }
        try read(writer.bytes) { (cursor) throws(WireError) in
            var outer = try cursor.message()
            #expect(try outer.next())
            var inner = try outer.message()
            #expect(try inner.next())
            #expect(try inner.delimited().count == size)
            #expect(try outer.next())
            #expect(try outer.bool())
        }
    }

    @Test(
        "refuses hostile bytes",
        arguments: [
            ([0x00], WireError.malformed(offset: 0, what: "field number 0")),
            ([0x0b], .malformed(offset: 0, what: "wire type 3 of field 1")),
            ([0x08], .truncated(offset: 1)), ([0x08, 0x80], .truncated(offset: 0)),
            (
                [0x08] + [UInt8](repeating: 0x80, count: 10) + [1],
                .malformed(offset: 0, what: "varint longer than ten bytes")
            ),
            ([0x80], .truncated(offset: 0)),
            ([0x88, 0x80, 0x80, 0x80, 0x10], .malformed(offset: 0, what: "field number out of range")),
            ([0x88, 0x80, 0x80, 0x80, 0x80, 0], .malformed(offset: 0, what: "field tag longer than five bytes")),
            ([0x0a, 5, 1], .truncated(offset: 0)),
            ([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f], .malformed(offset: 0, what: "length 4294967295")),
            ([0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0], .malformed(offset: 0, what: "length longer than five bytes")),
            ([0x0a, 0xff, 0xff, 0xff, 0xff, 0x07], .truncated(offset: 0)), ([0x09, 1, 2], .truncated(offset: 1)),
            ([0x0d, 1], .truncated(offset: 1)),
        ] as [([UInt8], WireError)])
    func hostile(bytes: [UInt8], expected: WireError) {
        #expect(throws: expected) { try read(bytes) { (cursor) throws(WireError) in try cursor.skip() } }
    }

    @Test("a known field of another wire type is refused")
    func wireType() {
        #expect(throws: WireError.malformed(offset: 0, what: "field 1 has wire type 0")) {
            try read([0x08, 1]) { (cursor) throws(WireError) in _ = try cursor.delimited() }
        }
        #expect(throws: WireError.malformed(offset: 0, what: "packed field 1 of 3 bytes")) {
            try read([0x0a, 3, 1, 2, 3]) { (cursor) throws(WireError) in
                var values: [Double] = []
                try cursor.doubles(into: &values)
            }
        }
    }
}
