import Compression
import Testing

@Suite("Memory for decompression")
struct MemoryReservationTests {
    private enum Format: CaseIterable {
        case gzip, zlib, snappy, zstd

        func pack(_ bytes: [UInt8]) throws -> [UInt8] {
            try bytes.withUnsafeBytes { raw in
                switch self {
                case .gzip: try Gzip.compress(raw)
                case .zlib: try Gzip.compress(raw, container: .zlib)
                case .snappy: try Snappy.compress(raw)
                case .zstd: try Zstd.compress(raw)
                }
            }
        }

        func unpack(_ bytes: [UInt8], _ reserving: MemoryReservation) throws -> [UInt8] {
            try bytes.withUnsafeBytes { raw in
                switch self {
                case .gzip: try Gzip.decompress(raw, limit: 64 << 20, reserving: reserving)
                case .zlib: try Gzip.decompress(raw, container: .zlib, limit: 64 << 20, reserving: reserving)
                case .snappy: try Snappy.decompress(raw, limit: 64 << 20, reserving: reserving)
                case .zstd: try Zstd.decompress(raw, limit: 64 << 20, reserving: reserving)
                }
            }
        }
    }

    @Test("is asked for before it is taken, and refused before much of it is", arguments: Format.allCases)
    private func refused(format: Format) throws {
        let packed = try format.pack([UInt8](repeating: 7, count: 16 << 20))
        var taken = 0
        #expect(throws: CompressionError.noMemory) {
            try format.unpack(packed) { bytes in
                guard taken + bytes <= 1 << 20 else { return false }
                taken += bytes
                return true
            }
        }
    }

    @Test("is asked for in full: the result, and what it is made in", arguments: Format.allCases)
    private func counted(format: Format) throws {
        let packed = try format.pack([UInt8](repeating: 7, count: 1 << 20))
        var taken = 0
        let bytes = try format.unpack(packed) { more in
            taken += more
            return true
        }
        #expect(bytes.count == 1 << 20)
        #expect(taken >= bytes.count && taken <= 4 * bytes.count)
    }

    @Test("a zstd frame's window is paid for, without a declared size and however little it holds")
    func window() {
        // Magic number, a header without content size and single segment, a window of 8 MiB, an empty last block.
        let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 13 << 3, 0x01, 0x00, 0x00]
        var taken = 0
        let bytes = try? frame.withUnsafeBytes { raw in
            try Zstd.decompress(raw, limit: 64 << 20) { more in
                taken += more
                return true
            }
        }
        #expect(bytes == [])
        #expect(taken >= 8 << 20 && taken < 9 << 20)
    }
}
