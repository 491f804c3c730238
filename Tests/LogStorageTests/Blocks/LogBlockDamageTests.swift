import Compression
import LogQL
import LogStorage
import MartletCore
import Testing

@Suite("A damaged log block")
struct LogBlockDamageTests {
    private func select(_ bytes: [UInt8], _ filters: [LineFilter] = []) throws -> Int {
        try bytes.withUnsafeBytes {
            try LogBlock.select(BlockSelection(start: .min, end: nil, filters: filters), in: $0).columns.count
        }
    }

    private func count(_ bytes: [UInt8]) throws -> Int {
        try bytes.withUnsafeBytes {
            let wish = BlockSelection(start: .min, end: nil, text: .none)
            let edges = TimeEdges([0, 5_000_000_000, 60_000_000_000])
            return try LogBlock.count(wish, edges: edges, metadata: false, in: $0).groups
                .reduce(0) { $1.intervals.reduce($0) { $0 + $1.lines } }
        }
    }

    @Test("is an error when it is cut short anywhere")
    func truncated() throws {
        var sample = SampleLines(seed: 1)
        let bytes = try LogBlock(sample.lines(200, .mixed)).bytes
        for count in 0..<bytes.count where count < 200 || count % 37 == 0 {
            #expect(throws: (any Error).self) { try select(Array(bytes[..<count])) }
        }
    }

    @Test("is an error when a byte of it differs")
    func flipped() throws {
        var sample = SampleLines(seed: 2)
        let bytes = try LogBlock(sample.lines(200, .mixed)).bytes
        for place in bytes.indices where place < 200 || place % 29 == 0 {
            var damaged = bytes
            damaged[place] ^= 1 << UInt8(place % 8)
            #expect(throws: (any Error).self) { try select(damaged) }
            #expect(throws: (any Error).self) { try count(damaged) }
        }
    }

    @Test("whose checksums were made to fit gives an error or entries, and never more than it says")
    func forged() throws {
        for seed in 0..<6 as Range<UInt64> {
            var sample = SampleLines(seed: seed)
            let lines = sample.lines(120, SampleLines.Style.allCases[Int(seed) * 2])
            let block = try BlockParts(LogBlock(lines).bytes)
            let filters = [LineFilter(.contains, [.text(sample.needle(of: lines))])]
            for _ in 0..<1500 {
                var forged = block
                for _ in 0...sample.below(3) { forged.change(&sample) }
                let bytes = try forged.bytes()
                for filters in [[], filters] {
                    if let count = try? select(bytes, filters) { #expect(count <= lines.count) }
                }
                // What can be counted is what can be read.
                let entries = try? select(bytes)
                if let counted = try? count(bytes), let entries { #expect(counted == entries) }
            }
        }
    }
}

/// A block taken apart, so that what its checksums cover can be changed behind their backs.
private struct BlockParts {
    private static let magicBytes = 5
    private var count: UInt64 = 0
    private var minTime: Int64 = 0
    /// The span of time, the bytes of lines and of metadata.
    private var sizes: [UInt64] = []
    private var filter: [UInt8] = []
    private var directory: [UInt8] = []
    private var data: [UInt8] = []
    private let magic: [UInt8]

    init(_ bytes: [UInt8]) throws {
        magic = Array(bytes[..<Self.magicBytes])
        try bytes.withUnsafeBytes { raw in
            var cursor = ByteCursor(raw, offset: Self.magicBytes)
            count = try cursor.uvarint()
            minTime = try cursor.varint()
            for _ in 0..<3 { sizes.append(try cursor.uvarint()) }
            let filterBytes = Int(try cursor.uvarint())
            let directoryBytes = Int(try cursor.uvarint())
            let packedBytes = Int(try cursor.uvarint())
            filter = Array(try cursor.bytes(filterBytes))
            try cursor.skip(4)
            directory = try Zstd.decompress(try cursor.bytes(packedBytes), limit: directoryBytes)
            data = Array(cursor.rest.dropLast(4))
        }
    }

    /// Changes a byte, or cuts or lengthens something.
    mutating func change(_ sample: inout SampleLines) {
        let byte = UInt8(sample.below(256))
        switch sample.below(8) {
        case 0: sizes[1 + sample.below(2)] = UInt64(sample.below(5000))
        case 1: count = UInt64(sample.below(300))
        case 2: directory.removeLast(min(directory.count, sample.below(20)))
        case 3: data.removeLast(min(data.count, sample.below(20)))
        case 4 where !data.isEmpty: data[sample.below(data.count)] = byte
        default: directory[sample.below(directory.count)] = sample.below(2) == 0 ? byte : UInt8(sample.below(8))
        }
    }

    /// The block with checksums that fit.
    func bytes() throws -> [UInt8] {
        var writer = ByteWriter(magic)
        writer.uvarint(count)
        writer.varint(minTime)
        for size in sizes { writer.uvarint(size) }
        let packed = try directory.withUnsafeBytes { try Zstd.compress($0) }
        for size in [filter.count, directory.count, packed.count] { writer.uvarint(UInt64(size)) }
        writer.append(filter)
        writer.u32LE(writer.bytes.withUnsafeBytes { CRC32C.checksum($0) })
        let body = writer.count
        writer.append(packed)
        writer.append(data)
        writer.u32LE(writer.bytes.withUnsafeBytes { CRC32C.checksum(UnsafeRawBufferPointer(rebasing: $0[body...])) })
        return writer.bytes
    }
}
