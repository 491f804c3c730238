import Compression
import Testing

@Suite("Zstd")
struct ZstdTests {
    @Test("gives back what was compressed, also in several frames", arguments: Samples.Kind.allCases)
    func roundTrip(of sample: Samples.Kind) throws {
        let bytes = sample.bytes
        let packed = try bytes.withUnsafeBytes { try Zstd.compress($0) }
        #expect(try packed.withUnsafeBytes { try Zstd.decompress($0, limit: bytes.count) } == bytes)
        let twice = packed + packed
        #expect(try twice.withUnsafeBytes { try Zstd.decompress($0, limit: bytes.count * 2) } == bytes + bytes)
    }

    @Test("reads a frame without a declared size")
    func streamed() throws {
        // printf hello | zstd --no-check: a raw block of five bytes, written by hand with a window of 1 KiB.
        let frame: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x00, 0x29, 0, 0] + Array("hello".utf8)
        #expect(try frame.withUnsafeBytes { try Zstd.decompress($0, limit: 5) } == Array("hello".utf8))
        #expect(throws: CompressionError.tooLarge(limit: 4)) {
            try frame.withUnsafeBytes { try Zstd.decompress($0, limit: 4) }
        }
    }

    @Test("stops at the limit, whether the size is declared or not")
    func bomb() throws {
        let zeros = [UInt8](repeating: 0, count: 20_000_000)
        let packed = try zeros.withUnsafeBytes { try Zstd.compress($0, level: 3) }
        for limit in [0, 1, 65_536, 19_999_999] {
            #expect(throws: CompressionError.tooLarge(limit: limit)) {
                try packed.withUnsafeBytes { try Zstd.decompress($0, limit: limit) }
            }
            #expect(throws: CompressionError.tooLarge(limit: limit + 1)) {
                try (try [0].withUnsafeBytes { try Zstd.compress(UnsafeRawBufferPointer(rebasing: $0[..<1])) } + packed)
                    .withUnsafeBytes { try Zstd.decompress($0, limit: limit + 1) }
            }
        }
        // A frame of twelve bytes that declares 1 TiB.
        let lie: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0]
        #expect(throws: CompressionError.self) {
            try lie.withUnsafeBytes { try Zstd.decompress($0, limit: 2 << 40) }
        }
    }

    @Test("refuses every truncation and survives corruption")
    func corruption() throws {
        let packed = try Samples.text(5).withUnsafeBytes { try Zstd.compress($0) }
        for length in 0..<packed.count {
            #expect(throws: CompressionError.self) {
                try packed[..<length].withUnsafeBytes { try Zstd.decompress($0, limit: 1 << 20) }
            }
        }
        for (index, byte) in Samples.noise(3000).enumerated() {
            var broken = packed
            broken[index % packed.count] = byte
            if let out = try? broken.withUnsafeBytes({ try Zstd.decompress($0, limit: 4096) }) {
                #expect(out.count <= 4096)
            }
        }
        // A context that met an error serves the next caller all the same.
        #expect(try packed.withUnsafeBytes { try Zstd.decompress($0, limit: 1 << 20) } == Samples.text(5))
    }

    @Test("serves many callers at once")
    func concurrency() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for seed in 0..<16 {
                group.addTask {
                    let bytes = Samples.noise(5000, seed: UInt64(seed)) + Samples.text(20)
                    let packed = try bytes.withUnsafeBytes { try Zstd.compress($0) }
                    return try packed.withUnsafeBytes { try Zstd.decompress($0, limit: 1 << 20) } == bytes
                }
            }
            for try await same in group { #expect(same) }
        }
    }
}
