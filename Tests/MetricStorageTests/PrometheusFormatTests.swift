import Durable
import MartletCore
import MetricStorage
import PromQL
import Testing

@Suite("The write-ahead log is Prometheus' own")
struct PrometheusFormatTests {
    @Test("a log of series and samples is byte for byte what the format says")
    func bytes() throws {
        let directory = try TemporaryDirectory()
        var options = MetricStore.Options()
        options.compression = .none
        let fixture = try StoreFixture(directory.path, options: options)
        try fixture.append([
            (Labels([("__name__", "up"), ("job", "x")]), 1000, 1), (Labels([("__name__", "z")]), 1015, -2),
        ])
        try fixture.store.close()
        let series: [UInt8] =
            [1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 8] + Array("__name__".utf8) + [2] + Array("up".utf8) + [3]
            + Array("job".utf8) + [1] + Array("x".utf8)
            + [0, 0, 0, 0, 0, 0, 0, 2, 1, 8] + Array("__name__".utf8) + [1] + Array("z".utf8)
        let samples: [UInt8] =
            [2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 0xE8]
            + [0, 0, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0] + [2, 30, 0xC0, 0, 0, 0, 0, 0, 0, 0]
        let file = try DiskFileSystem().read(directory.file("wal/00000000"), limit: 1 << 16)
        #expect(Array(file[7..<7 + series.count]) == series)
        #expect(Array(file[(14 + series.count)...]) == samples)
    }

    @Test("exemplars go into the log behind the samples, with their own labels")
    func exemplars() throws {
        let directory = try TemporaryDirectory()
        var options = MetricStore.Options()
        options.compression = .none
        var batch = SampleBatch()
        Labels([("__name__", "z")]).bytes.withUnsafeBytes { batch.begin(labels: $0) }
        batch.add(1000, 1)
        Labels([("trace_id", "ab")]).bytes.withUnsafeBytes { batch.addExemplar($0, 999, -2) }
        do {
            let fixture = try StoreFixture(directory.path, options: options)
            #expect(try fixture.store.append(&batch).appended == 1)
            try fixture.store.close()
        }
        let exemplar: [UInt8] =
            [4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 0xE7, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0, 1, 8]
            + Array("trace_id".utf8) + [2] + Array("ab".utf8)
        let file = try DiskFileSystem().read(directory.file("wal/00000000"), limit: 1 << 16)
        #expect(Array(file.suffix(exemplar.count)) == exemplar)
        #expect(try StoreFixture(directory.path).dump() == ["z": [Point(1000, 1)]])
    }

    @Test("series numbers that another writer chose are kept, and repeated label sets are joined")
    func foreignLog() throws {
        let directory = try TemporaryDirectory()
        try DiskFileSystem().makeDirectories(directory.file("wal"))
        func series(_ ref: UInt8, _ value: String) -> [UInt8] {
            [1, 0, 0, 0, 0, 0, 0, 0, ref, 1, 8] + Array("__name__".utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
        }
        func sample(_ ref: UInt8, _ time: UInt8, _ value: Double) -> [UInt8] {
            [2, 0, 0, 0, 0, 0, 0, 0, ref, 0, 0, 0, 0, 0, 0, 0, time, 0, 0]
                + withUnsafeBytes(of: value.bitPattern.bigEndian) { Array($0) }
        }
        let log = try RecordLog(directory.file("wal"))
        for record in [
            series(9, "b"), series(4, "a"), sample(9, 1, 1), sample(4, 1, 2), series(12, "b"), sample(12, 2, 3),
            sample(77, 1, 1), [1, 0, 0], [250],
        ] { try log.append(record) }
        try log.close()
        let fixture = try StoreFixture(directory.path)
        #expect(try fixture.dump() == ["a": [Point(1, 2)], "b": [Point(1, 1), Point(2, 3)]])
        try fixture.append([(Labels([("__name__", "c")]), 5, 5), (Labels([("__name__", "b")]), 6, 6)])
        try fixture.store.close()
    }

    @Test("a number that the log gives to a series which has another already is not given to a new one")
    func numberOfAnother() throws {
        let directory = try TemporaryDirectory()
        let number = { (value: UInt8) in [0, 0, 0, 0, 0, 0, 0, value] as [UInt8] }
        let log = try RecordLog(directory.file("wal"))
        for ref in [UInt8(4), 5] {
            try log.append([1] + number(ref) + [1, 8] + Array("__name__".utf8) + [1] + Array("a".utf8))
        }
        try log.close()
        for time in [Int64(5), 6] {
            let fixture = try StoreFixture(directory.path)
            try fixture.append("new", time, 7)
            try fixture.store.close()
        }
        #expect(try StoreFixture(directory.path).dump() == ["new": [Point(5, 7), Point(6, 7)]])
    }

    @Test("records with start times, which Prometheus can be told to write, are read: floats and both histograms")
    func startTimeRecords() throws {
        let directory = try TemporaryDirectory()
        try DiskFileSystem().makeDirectories(directory.file("wal"))
        func number(_ value: Double) -> [UInt8] { withUnsafeBytes(of: value.bitPattern.bigEndian) { Array($0) } }
        func joined(_ parts: [UInt8]...) -> [UInt8] { Array(parts.joined()) }
        var series: [UInt8] = [1]
        for ref: UInt8 in 1...3 {
            series += joined([0, 0, 0, 0, 0, 0, 0, ref, 1, 8], Array("__name__".utf8), [1, 0x60 + ref])
        }
        // Zigzag: 2 is +1, 4 is +2, 1 is -1. The marks: 2 a start of its own, 1 that of the sample before, 0 none.
        let floats = joined(
            [11, 2, 20, 10], number(1), [0, 10, 2, 4], number(2), [0, 20, 1], number(3), [0, 30, 0], number(4))
        let whole = joined([0, 0], number(0), [3, 5], number(7), [0, 0, 0, 0])
        // The schema of custom buckets is -53.
        let custom = joined([0, 105], number(0), number(0), number(2), number(9), [0, 0, 0, 0, 0])
        let log = try RecordLog(directory.file("wal"))
        for record in [series, floats, joined([12, 4, 20, 0], whole), joined([13, 6, 20, 0], custom)] {
            try log.append(record)
        }
        try log.close()
        let fixture = try StoreFixture(directory.path)
        #expect(try fixture.dump()["a"] == [Point(10, 1), Point(15, 2), Point(20, 3), Point(25, 4)])
        let b = try fixture.samples("b").histograms
        #expect(b.timestamps == [10] && b.values.map(\.count) == [5] && b.values.map(\.sum) == [7])
        let c = try fixture.samples("c").histograms
        #expect(c.timestamps == [10] && c.values.map(\.count) == [2] && c.values.map(\.sum) == [9])
        try fixture.store.close()
    }

    @Test("promtool reads every sample back", .enabled(if: Shell.hasPromtool))
    func promtool() throws {
        let directory = try TemporaryDirectory()
        var options = MetricStore.Options()
        options.segmentBytes = 64 << 10
        let fixture = try StoreFixture(directory.path, options: options)
        let labels = (0..<40).map { Labels([("__name__", "m"), ("i", "\($0)")]) }
        let minute: Int64 = 60_000
        for step in 0..<400 {
            let time = MetricStoreTests.now + Int64(step) * minute
            try fixture.append(labels.map { ($0, time, Double(step)) })
            if step % 30 == 29 { try fixture.store.maintain(nowMs: time) }
        }
        let expected = try fixture.dump()
        try fixture.store.close()
        let text = try #require(
            try Shell.run("\(Shell.promtool) tsdb dump \(directory.path)", in: TemporaryDirectory()))
        let lines = Set(text.split(separator: "\n"))
        var missing = 0
        for (series, points) in expected {
            let braces = series.replacing("m{", with: #"{__name__="m", "#)
            for point in points where !lines.contains("\(braces) \(Int(Double(bitPattern: point.bits))) \(point.time)")
            {
                missing += 1
            }
        }
        #expect(missing == 0)
        #expect(expected.count == 40)
    }
}
