import MartletCore
import Testing

@Suite("ByteCursor and ByteWriter")
struct ByteCursorTests {
    @Test("read what was written")
    func roundTrip() throws {
        var writer = ByteWriter()
        writer.u8(1)
        writer.u16BE(0x0203)
        writer.u16LE(0x0203)
        writer.u32BE(0x0405_0607)
        writer.u32LE(0x0405_0607)
        writer.u64BE(0x0809_0a0b_0c0d_0e0f)
        writer.u64LE(.max)
        writer.append("abc")
        ([1, 2] as [UInt64]).withUnsafeBytes { writer.uvarintBytes($0) }
        writer.zeros(2)
        writer.patchU32BE(0xffff_0000, at: 5)
        #expect(Array(writer.bytes[..<9]) == [1, 2, 3, 3, 2, 0xff, 0xff, 0, 0])
        try writer.bytes.withUnsafeBytes { buffer in
            var cursor = ByteCursor(buffer)
            #expect(try cursor.u8() == 1)
            #expect(try cursor.u16BE() == 0x0203)
            #expect(try cursor.u16LE() == 0x0203)
            #expect(try cursor.u32BE() == 0xffff_0000)
            #expect(try cursor.u32LE() == 0x0405_0607)
            #expect(try cursor.u64BE() == 0x0809_0a0b_0c0d_0e0f)
            #expect(try cursor.u64LE() == .max)
            #expect(cursor.peek == 97)
            #expect(try cursor.bytes(3).elementsEqual("abc".utf8))
            #expect(try cursor.uvarintBytes().count == 16)
            #expect(cursor.remaining == 2)
            try cursor.skip(2)
            #expect(cursor.isAtEnd)
            #expect(cursor.peek == nil)
        }
    }

    @Test(
        "varints of all sizes round-trip, and no truncation of them is accepted",
        arguments: [0, 1, -1, 63, 64, -64, 8191, -8192, 1 << 40, Int64.max, Int64.min])
    func varints(value: Int64) throws {
        var writer = ByteWriter()
        writer.varint(value)
        writer.uvarint(UInt64(bitPattern: value))
        try writer.bytes.withUnsafeBytes { (buffer: UnsafeRawBufferPointer) throws in
            var cursor = ByteCursor(buffer)
            let signed = try cursor.varint()
            #expect(signed == value)
            let unsigned = try cursor.uvarint()
            #expect(unsigned == UInt64(bitPattern: value))
            #expect(cursor.isAtEnd)
        }
        var single = ByteWriter()
        single.varint(value)
        for length in 0..<single.count {
            single.bytes[..<length].withUnsafeBytes { buffer in
                var cursor = ByteCursor(buffer)
                #expect(throws: ByteCursorError.self) { try cursor.varint() }
                #expect(cursor.offset == 0)
            }
        }
    }

    @Test("refuses varints beyond 64 bits")
    func overlong() {
        for bytes in [[UInt8](repeating: 0xff, count: 11), [UInt8](repeating: 0x80, count: 9) + [2]] {
            bytes.withUnsafeBytes { buffer in
                var cursor = ByteCursor(buffer)
                #expect(throws: ByteCursorError.overlongVarint(offset: 0)) { try cursor.uvarint() }
            }
        }
    }

    @Test("refuses reads beyond the end and stays where it is")
    func bounds() {
        let bytes: [UInt8] = [1, 2, 3]
        bytes.withUnsafeBytes { buffer in
            var cursor = ByteCursor(buffer)
            #expect(throws: ByteCursorError.truncated(offset: 0, needed: 4)) { try cursor.u32BE() }
            #expect(throws: ByteCursorError.truncated(offset: 0, needed: 8)) { try cursor.u64LE() }
            #expect(throws: ByteCursorError.truncated(offset: 0, needed: 4)) { try cursor.bytes(4) }
            #expect(throws: ByteCursorError.truncated(offset: 0, needed: -1)) { try cursor.bytes(-1) }
            #expect(cursor.offset == 0)
        }
        // A length that would overflow an addition.
        let hostile: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0]
        hostile.withUnsafeBytes { buffer in
            var cursor = ByteCursor(buffer)
            #expect(throws: ByteCursorError.self) { try cursor.uvarintBytes() }
            #expect(cursor.offset == 0)
        }
    }
}
