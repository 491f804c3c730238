import Durable
import MartletCore
import MetricStorage
import PromQL
import SampleMath
import Testing

@Suite("Native histograms")
struct NativeHistogramTests {
    private static let start = BlockFixture.start
    private static let minute = BlockFixture.minute

    private static func fill(
        _ fixture: StoreFixture, _ source: inout HistogramSource, from: Int64, count: Int
    ) throws -> [(time: Int64, value: NativeHistogram)] {
        try (0..<count).map { step in
            let time = from + Int64(step) * minute
            let sample = source.next()
            #expect(try fixture.append("h", time, sample).appended == 1)
            return (time, try #require(sample.native))
        }
    }

    private static func check(_ found: HistogramColumns, _ expected: [(time: Int64, value: NativeHistogram)]) {
        #expect(found.timestamps == expected.map(\.time))
        let wrong = zip(found.values, expected).count { !$0.isSame(as: $1.value) }
        #expect(wrong == 0)
    }

    private static func empty(_ offset: Int32, _ length: UInt32, schema: Int32 = 0) -> StoredHistogram {
        var histogram = StoredHistogram(isFloat: false)
        histogram.hint = .gauge
        histogram.layout.schema = schema
        histogram.layout.positiveSpans = [.init(offset: offset, length: length)]
        histogram.positive = Array(repeating: 0, count: Int(length))
        return histogram
    }

    @Test("with more buckets than a chunk holds, or with indices that nothing can be computed with, are not consistent")
    func inconsistent() {
        #expect(Self.empty(0, 1 << 20).isConsistent)
        #expect(!Self.empty(0, 1 << 20 + 1).isConsistent)
        for offset in [Int32.min, -(1 << 30) - 1, 1 << 30, .max] { #expect(!Self.empty(offset, 1).isConsistent) }
        #expect(Self.empty(0, 1, schema: NativeHistogram.customSchema).isConsistent)
        #expect(!Self.empty(-1, 1, schema: NativeHistogram.customSchema).isConsistent)
    }

    @Test("whose buckets together are more than a chunk holds begin a chunk, also when they come from the log")
    func manyBuckets() throws {
        let directory = try TemporaryDirectory()
        do {
            let fixture = try StoreFixture(directory.path)
            for (step, offset) in [Int32(0), 600_000, 0].enumerated() {
                let time = Self.start + Int64(step) * Self.minute
                #expect(try fixture.append("h", time, Self.empty(offset, 600_000)).appended == 1)
            }
        }
        let found = try StoreFixture(directory.path).samples("h").histograms
        #expect(found.values.map { $0.positive.indices.first } == [0, 600_000, 0])
    }

    @Test(
        "of every kind come back count for count: from memory, log, head chunks, blocks and merged blocks",
        arguments: HistogramSource.Kind.allCases)
    func roundTrip(kind: HistogramSource.Kind) throws {
        let directory = try TemporaryDirectory()
        var source = HistogramSource(kind, seed: 3)
        var expected: [(time: Int64, value: NativeHistogram)] = []
        do {
            let fixture = try StoreFixture(directory.path)
            expected += try Self.fill(fixture, &source, from: Self.start, count: 250)
            source.restart()
            expected += try Self.fill(fixture, &source, from: Self.start + 250 * Self.minute, count: 350)
            Self.check(try fixture.samples("h").histograms, expected)
            // Without `close`, all comes from the log.
        }
        do {
            let fixture = try StoreFixture(directory.path)
            Self.check(try fixture.samples("h").histograms, expected)
            try fixture.store.close()
        }
        let fixture = try StoreFixture(directory.path)
        Self.check(try fixture.samples("h").histograms, expected)
        try fixture.store.maintain(nowMs: Self.start)
        #expect(fixture.store.blocks.map(\.level) == [2, 1])
        #expect(fixture.store.blocks.map(\.stats.histogramSamples).reduce(0, +) == 480)
        Self.check(try fixture.samples("h").histograms, expected)
        let window = expected[100..<130]
        Self.check(
            try fixture.samples("h", from: window[100].time, to: window[129].time).histograms, Array(window))
    }

    @Test("computed by a query are stored as they are, counts as floats", arguments: HistogramSource.Kind.allCases)
    func computed(kind: HistogramSource.Kind) throws {
        var source = HistogramSource(kind, seed: 5)
        for _ in 0..<50 {
            let computed = try #require(source.next().native)
            let stored = StoredHistogram(computed)
            #expect(stored.isFloat && stored.isConsistent)
            #expect(stored.hint == computed.hint)
            #expect(stored.native?.isSame(as: computed) == true)
        }
    }

    @Test("a reset is known where counts fall, and nowhere else within a chunk")
    func hints() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        var source = HistogramSource(.integer)
        _ = try Self.fill(fixture, &source, from: Self.start, count: 5)
        source.restart()
        _ = try Self.fill(fixture, &source, from: Self.start + 5 * Self.minute, count: 5)
        let hints = try fixture.samples("h").histograms.values.map(\.hint)
        #expect(hints[0] == .unknown)
        #expect(hints[5] == .reset)
        #expect((Array(hints[1..<5]) + hints[6...]).allSatisfy { $0 == .notReset })
        var gauges = HistogramSource(.gauge)
        for step in 0..<5 { try fixture.append("g", Self.start + Int64(step), gauges.next()) }
        #expect(try fixture.samples("g").histograms.values.allSatisfy { $0.hint == .gauge })
    }

    @Test("the rules of order and repetition are those of floats, and both kinds may take turns in a series")
    func rules() throws {
        let directory = try TemporaryDirectory()
        var source = HistogramSource(.integer)
        let (first, second) = (source.next(), source.next())
        do {
            let fixture = try StoreFixture(directory.path)
            #expect(try fixture.append("h", Self.start, first).appended == 1)
            #expect(try fixture.append("h", Self.start, first).rejected.isEmpty)
            #expect(try fixture.append("h", Self.start, second).rejected.map(\.reason) == [.duplicate])
            #expect(try fixture.append("h", Self.start, 0).rejected.map(\.reason) == [.duplicate])
            #expect(try fixture.append("h", Self.start - 1, second).rejected.map(\.reason) == [.outOfOrder])
            #expect(try fixture.append("h", Self.start + 1, 5).appended == 1)
            #expect(try fixture.append("h", Self.start + 2, second).appended == 1)
            // The marker of a scraper that has lost the series.
            #expect(try fixture.append("h", Self.start + 3, StaleNaN.value).appended == 1)
            #expect(try fixture.append("h", Self.start + 4, first).appended == 1)
        }
        for _ in 0..<2 {
            let fixture = try StoreFixture(directory.path)
            let samples = try fixture.samples("h")
            #expect(samples.floats.timestamps == [Self.start + 1])
            #expect(samples.histograms.timestamps == [0, 2, 3, 4].map { Self.start + $0 })
            #expect(samples.histograms.values.map { StaleNaN.isStale($0.sum) } == [false, false, true, false])
            try fixture.store.close()
        }
    }

    @Test("deleted samples leave answers, blocks and merged blocks")
    func deletion() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        var source = HistogramSource(.float)
        var expected = try Self.fill(fixture, &source, from: Self.start, count: 400)
        let gone = expected[50].time...expected[59].time
        try fixture.store.delete(
            matching: [[Matcher(equal: "__name__", "h")]], minTime: gone.lowerBound, maxTime: gone.upperBound)
        expected.removeAll { gone.contains($0.time) }
        Self.check(try fixture.samples("h").histograms, expected)
        try fixture.store.maintain(nowMs: Self.start)
        #expect(!fixture.store.blocks.isEmpty)
        Self.check(try fixture.samples("h").histograms, expected)
        let late = expected[20].time
        try fixture.store.delete(matching: [[Matcher(equal: "__name__", "h")]], minTime: late, maxTime: late)
        expected.removeAll { $0.time == late }
        try fixture.store.cleanTombstones(nowMs: Self.start)
        Self.check(try fixture.samples("h").histograms, expected)
    }

    @Test("a chunk cut off or changed at any place gives no more than it had, and never leads out of its bytes")
    func damage() throws {
        let directory = try TemporaryDirectory()
        let disk = DiskFileSystem()
        var random = SplitMix64(seed: 9)
        let fixture = try StoreFixture(directory.path)
        for kind in HistogramSource.Kind.allCases {
            var source = HistogramSource(kind)
            for step in 0..<40 { try fixture.append("\(kind)", Self.start + Int64(step), source.next()) }
        }
        try fixture.append("late", Self.start + 4 * BlockFixture.hour, 1)
        try fixture.store.maintain(nowMs: Self.start)
        let block = "\(try #require(fixture.store.blocks.first).id)"
        let sound = try ["meta.json", "index", "tombstones", "chunks/000001"].map {
            (name: $0, bytes: try disk.read(directory.file("\(block)/\($0)"), limit: 1 << 20))
        }
        for _ in 0..<200 {
            let damaged = try TemporaryDirectory()
            try disk.makeDirectories(damaged.file("\(block)/chunks"))
            for file in sound {
                var bytes = file.bytes
                if file.name.hasPrefix("chunks") { Self.damage(&bytes, &random) }
                try disk.open(damaged.file("\(block)/\(file.name)"), .createNew).write(bytes, at: 0)
            }
            let fixture = try StoreFixture(damaged.path)
            for kind in HistogramSource.Kind.allCases {
                // An error or other numbers: both are right.
                _ = try? fixture.samples("\(kind)")
            }
        }
    }

    /// Changes three bytes of every chunk of a segment, and makes the checksums anew, so that the decoder sees the damage.
    private static func damage(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        var position = 8
        while position < bytes.count {
            var length = 0
            var shift = 0
            var start = position
            repeat {
                length |= Int(bytes[start] & 0x7F) << shift
                shift += 7
                start += 1
            } while bytes[start - 1] >= 0x80
            let end = start + 1 + length
            for _ in 0..<3 { bytes[start + 1 + Int(random.next() % UInt64(length))] = UInt8(random.next() % 256) }
            let checksum = bytes[start..<end].withUnsafeBytes { CRC32C.checksum($0) }
            for byte in 0..<4 { bytes[end + byte] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * byte)) }
            position = end + 4
        }
    }
}
