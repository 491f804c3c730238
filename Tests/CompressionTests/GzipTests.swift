import Compression
import Testing

@Suite("Gzip, zlib and deflate")
struct GzipTests {
    @Test("give back what was compressed", arguments: Samples.Kind.allCases, [Gzip.Container.gzip, .zlib, .raw])
    func roundTrip(of sample: Samples.Kind, container: Gzip.Container) throws {
        let bytes = sample.bytes
        let packed = try bytes.withUnsafeBytes { try Gzip.compress($0, container: container) }
        #expect(
            try packed.withUnsafeBytes { try Gzip.decompress($0, container: container, limit: bytes.count) } == bytes)
    }

    @Test("read what another program wrote")
    func vector() throws {
        // printf hello | gzip -n
        let gzip: [UInt8] = [
            0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0, 0x86, 0xa6, 0x10, 0x36,
            0x05, 0,
            0, 0,
        ]
        #expect(try gzip.withUnsafeBytes { try Gzip.decompress($0, limit: 100) } == Array("hello".utf8))
        let twice = gzip + gzip
        #expect(try twice.withUnsafeBytes { try Gzip.decompress($0, limit: 100) } == Array("hellohello".utf8))
    }

    @Test("take a raw stream where a zlib one was announced")
    func lenientDeflate() throws {
        let raw = try Samples.text(3).withUnsafeBytes { try Gzip.compress($0, container: .raw) }
        #expect(try raw.withUnsafeBytes { try Gzip.decompress($0, container: .zlib, limit: 9999) } == Samples.text(3))
    }

    @Test("stop at the limit", arguments: [Gzip.Container.gzip, .zlib, .raw])
    func bomb(container: Gzip.Container) throws {
        let zeros = [UInt8](repeating: 0, count: 20_000_000)
        let packed = try zeros.withUnsafeBytes { try Gzip.compress($0, container: container, level: 9) }
        #expect(packed.count < 30_000)
        for limit in [0, 1, 65_536, 19_999_999] {
            #expect(throws: CompressionError.tooLarge(limit: limit)) {
                try packed.withUnsafeBytes { try Gzip.decompress($0, container: container, limit: limit) }
            }
        }
        let all = try packed.withUnsafeBytes { try Gzip.decompress($0, container: container, limit: .max) }
        #expect(all.count == zeros.count)
    }

    @Test(
        "refuse every truncation and trailing noise, and survive corruption", arguments: [Gzip.Container.gzip, .zlib])
    func corruption(container: Gzip.Container) throws {
        let packed = try Samples.text(5).withUnsafeBytes { try Gzip.compress($0, container: container) }
        for length in 0..<packed.count {
            #expect(throws: CompressionError.self) {
                try packed[..<length].withUnsafeBytes {
                    try Gzip.decompress($0, container: container, limit: 1 << 20)
                }
            }
        }
        #expect(throws: CompressionError.corrupt) {
            try (packed + [1, 2, 3]).withUnsafeBytes {
                try Gzip.decompress($0, container: container, limit: 1 << 20)
            }
        }
        for (index, byte) in Samples.noise(3000).enumerated() {
            var broken = packed
            broken[index % packed.count] = byte
            if let out = try? broken.withUnsafeBytes({
                try Gzip.decompress($0, container: container, limit: 4096)
            }) {
                #expect(out.count <= 4096)
            }
        }
    }
}
