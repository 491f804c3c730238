import Durable
import MartletCore
import MetricStorage
import PromQL
import SampleMath
import Testing

@Suite("Chunks with start times, as other writers leave them")
struct StartTimeChunkTests {
    private static let start = BlockFixture.start

    /// Bits as text, `0` and `1`, in bytes.
    private static func bytes(_ bits: String) -> [UInt8] {
        let digits = Array(bits.filter { $0 != " " })
        return stride(from: 0, to: digits.count, by: 8).map { index in
            let byte = String(digits[index..<min(index + 8, digits.count)])
            return UInt8(byte + String(repeating: "0", count: 8 - byte.count), radix: 2) ?? 0
        }
    }

    private static func binary(_ value: UInt64, _ width: Int) -> String {
        let digits = String(width == 64 ? value : value & (1 << UInt64(width) - 1), radix: 2)
        return String(repeating: "0", count: width - digits.count) + digits
    }

    private static func leb(_ value: UInt64) -> String {
        var rest = value
        var text = ""
        while rest >= 0x80 {
            text += binary(rest & 0x7F | 0x80, 8)
            rest >>= 7
        }
        return text + binary(rest, 8)
    }

    private static func zigzag(_ value: Int64) -> String { leb(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    /// A store with one block, whose only chunk has these bytes.
    private static func store(
        _ directory: TemporaryDirectory, _ encoding: UInt8, _ data: [UInt8]
    ) throws -> StoreFixture {
        do {
            let fixture = try StoreFixture(directory.path)
            for step in 0..<5 { try fixture.append("m", start + Int64(step) * 15_000, 1) }
            try fixture.append("later", start + 4 * BlockFixture.hour, 1)
            try fixture.store.maintain(nowMs: start)
            let block = try #require(fixture.store.blocks.first)
            var file: [UInt8] = [0x85, 0xBD, 0x40, 0xDD, 1, 0, 0, 0]
            precondition(data.count < 128, "the length is one byte")
            file += [UInt8(data.count), encoding] + data
            let checksum = file[9...].withUnsafeBytes { CRC32C.checksum($0) }
            file += withUnsafeBytes(of: checksum.bigEndian) { Array($0) }
            let path = directory.file("\(block.id)/chunks/000001")
            try DiskFileSystem().open(path, .truncate).write(file, at: 0)
            try fixture.store.close()
        }
        return try StoreFixture(directory.path)
    }

    @Test("floats of encoding 4: joint prefixes, staleness markers apart from values, start times behind samples")
    func floats() throws {
        let directory = try TemporaryDirectory()
        let value = 1.5
        // 1.5 and 3 differ in the exponent's lowest bit and in its top ones; any window that holds the change will do.
        let change = value.bitPattern ^ (3.0).bitPattern
        let trailing = UInt64(change.trailingZeroBitCount)
        let leading = UInt64(min(change.leadingZeroBitCount, 31))
        let width = 64 - Int(leading) - Int(trailing)
        var bits = Self.binary(5, 16)
        // The first sample has a start time; from the third on the distance changes.
        bits += "1" + Self.binary(2, 7)
        bits += Self.zigzag(Self.start) + Self.binary(value.bitPattern, 64) + Self.zigzag(1000)
        // The second: distance of time, value unchanged.
        bits += Self.leb(15_000) + "0"
        // The third: as expected, value changed in a new window; start 2 ms before the sample before.
        bits += "10" + "1" + Self.binary(leading, 5) + Self.binary(UInt64(width) & 0x3F, 6)
        bits += Self.binary(change >> trailing, width) + "10" + Self.binary(2, 3)
        // The fourth: 100 ms late, a staleness marker; distance grows by 5.
        bits += "110" + Self.binary(100, 13) + "111" + "110" + Self.binary(5, 6)
        // The fifth: 100 ms less again, value as before the marker; distance unchanged.
        bits += "110" + Self.binary(UInt64(bitPattern: -100), 13) + "0" + "0"
        let samples = try Self.store(directory, 4, Self.bytes(bits)).samples("m")
        let times = [0, 15_000, 30_000, 45_100, 60_100].map { Self.start + $0 }
        #expect(samples.floats.timestamps == times)
        #expect(samples.floats.values.map(\.bitPattern) == [1.5, 1.5, 3, StaleNaN.value, 3].map(\.bitPattern))
        #expect(
            samples.floatStartTimestamps
                == [times[0] - 1000, times[0] - 1000, times[1] - 2, times[2] - 7, times[3] - 7])
    }

    @Test("histograms of encoding 5: the reset in the count's top bits, start times behind samples")
    func histograms() throws {
        let directory = try TemporaryDirectory()
        // Reset, two samples; start times change from the second on.
        var bits = "10" + Self.binary(2, 14) + "0" + Self.binary(1, 7)
        // Zero threshold 0, schema 0, one positive span of two buckets at 0, no negative one.
        bits += Self.binary(0, 8) + "0" + "10" + Self.binary(1, 3) + "10" + Self.binary(2, 3) + "0" + "0"
        bits += "11111110" + Self.binary(UInt64(Self.start), 56)
        // Count 5, zero count 0, sum 2.5, buckets 2 and 3.
        bits += "10" + Self.binary(5, 3) + "0" + Self.binary((2.5).bitPattern, 64)
        bits += "10" + Self.binary(2, 3) + "10" + Self.binary(1, 3)
        // 15 s later the same counts.
        bits += "111110" + Self.binary(15_000, 18) + "0" + "0" + "0" + "0" + "0"
        // Counting began 4 ms before the first sample.
        bits += "10" + Self.binary(4, 3)
        let samples = try Self.store(directory, 5, Self.bytes(bits)).samples("m").histograms
        #expect(samples.timestamps == [Self.start, Self.start + 15_000])
        #expect(samples.startTimestamps == [0, Self.start - 4])
        #expect(samples.values.map(\.hint) == [.reset, .notReset])
        #expect(samples.values.map(\.count) == [5, 5])
        #expect(samples.values.map(\.sum) == [2.5, 2.5])
        #expect(samples.values.map(\.positive.indices) == [[0, 1], [0, 1]])
        #expect(samples.values.map(\.positive.counts) == [[2, 3], [2, 3]])
    }
}
