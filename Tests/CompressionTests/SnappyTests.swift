import Compression
import Testing

@Suite("Snappy")
struct SnappyTests {
    @Test("gives back what was compressed", arguments: Samples.Kind.allCases)
    func roundTrip(of sample: Samples.Kind) throws {
        let bytes = sample.bytes
        let packed = try bytes.withUnsafeBytes { try Snappy.compress($0) }
        #expect(try packed.withUnsafeBytes { try Snappy.decompressedSize($0) } == bytes.count)
        #expect(try packed.withUnsafeBytes { try Snappy.decompress($0, limit: bytes.count) } == bytes)
    }

    @Test("reads a block made elsewhere")
    func vector() throws {
        // "aaaaaaaaaaaaaaaaaaaa" by hand: length 20, literal "a", copy of 19 bytes at distance 1.
        let block: [UInt8] = [20, 0x00, 0x61, 0x4a, 0x01, 0x00]
        #expect(try block.withUnsafeBytes { try Snappy.decompress($0, limit: 20) } == [UInt8](repeating: 97, count: 20))
    }

    @Test("checks the declared size before it allocates")
    func limit() throws {
        let packed = try Samples.Kind.zeros.bytes.withUnsafeBytes { try Snappy.compress($0) }
        #expect(throws: CompressionError.tooLarge(limit: 299_999)) {
            try packed.withUnsafeBytes { try Snappy.decompress($0, limit: 299_999) }
        }
        // 4 GiB declared by eight bytes, with a limit that would allow it.
        let lie: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0x0f, 0, 97, 0]
        #expect(throws: CompressionError.corrupt) {
            try lie.withUnsafeBytes { try Snappy.decompress($0, limit: 8 << 30) }
        }
    }

    @Test("refuses every truncation and survives corruption")
    func corruption() throws {
        let packed = try Samples.text(5).withUnsafeBytes { try Snappy.compress($0) }
        for length in 0..<packed.count {
            #expect(throws: CompressionError.self) {
                try packed[..<length].withUnsafeBytes { try Snappy.decompress($0, limit: 1 << 20) }
            }
        }
        for (index, byte) in Samples.noise(3000).enumerated() {
            var broken = packed
            broken[index % packed.count] = byte
            if let out = try? broken.withUnsafeBytes({ try Snappy.decompress($0, limit: 4096) }) {
                #expect(out.count <= 4096)
            }
        }
    }
}
