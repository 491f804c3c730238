import Durable
import MartletCore
import MetricStorage
import Testing

@Suite("Import of samples of any age")
struct BlockImportTests {
    typealias Fixture = BlockFixture

    /// Imports the fixture's samples of some hours, `series` outside or inside of time, with a small buffer.
    private static func run(
        _ path: String, _ labels: [Labels], hours: Int64, seriesFirst: Bool, samples: Int = 1000
    ) throws -> [BlockMeta] {
        var limits = BlockImport.Limits()
        limits.samples = samples
        var work = try BlockImport(into: path, nowMs: Fixture.start, limits: limits)
        let times = Array(
            stride(from: Fixture.start, to: Fixture.start + hours * Fixture.hour, by: Int64.Stride(Fixture.minute)))
        func add(_ index: Int, _ time: Int64) throws {
            let series = labels[index].bytes.withUnsafeBytes { work.series($0) }
            work.add(series, time, Fixture.value(index, time))
            _ = try work.writeIfFull()
        }
        if seriesFirst {
            for index in labels.indices { for time in times { try add(index, time) } }
        } else {
            for time in times.reversed() { for index in labels.indices { try add(index, time) } }
        }
        return try work.finish()
    }

    @Test(
        "samples by series or by time, backwards, in many rounds of the buffer, come out as they went in",
        arguments: [true, false])
    func order(seriesFirst: Bool) throws {
        let directory = try TemporaryDirectory()
        let labels = Fixture.labels(7)
        let written = try Self.run(directory.path, labels, hours: 30, seriesFirst: seriesFirst)
        #expect(written.count == 15)
        #expect(written.reduce(0) { $0 + $1.stats.samples } == 7 * 30 * 60)
        for (block, next) in zip(written, written.dropFirst()) { #expect(block.maxTime <= next.minTime) }
        // Nothing but the blocks is left.
        #expect(try DiskFileSystem().list(directory.path) == written.map(\.id.description).sorted())
        let end = Fixture.start + 30 * Fixture.hour
        #expect(
            try StoreFixture(directory.path).dump() == Fixture.expected(labels, from: Fixture.start, to: end))
        var verification = DirectoryVerification(directory.path)
        try verification.run { Issue.record("\($0)") }
        #expect(verification.counts.samples == 7 * 30 * 60)
    }

    @Test("long times give blocks of higher levels, on their grid")
    func levels() throws {
        let directory = try TemporaryDirectory()
        let written = try Self.run(directory.path, Fixture.labels(1), hours: 24 * 7, seriesFirst: true, samples: 5000)
        // 84 blocks of 2 h would be more than wanted: 28 of 6 h it is.
        #expect(written.map { $0.maxTime - $0.minTime }.max() ?? 0 <= 6 * Fixture.hour)
        #expect(written.count == 28)
        #expect(written.allSatisfy { $0.minTime % (6 * Fixture.hour) == 0 })
    }

    @Test("of several samples at one time the first is taken, and the others are counted")
    func repeated() throws {
        let directory = try TemporaryDirectory()
        var work = try BlockImport(into: directory.path, nowMs: 0)
        let series = Labels([("__name__", "m")]).bytes.withUnsafeBytes { work.series($0) }
        for (time, value) in [(Int64(20), 1.0), (10, 2), (20, 3), (10, 4), (-5, 5)] { work.add(series, time, value) }
        #expect(try work.finish().map(\.minTime) == [-5, 10])
        #expect(work.repeated == 2)
        #expect(try StoreFixture(directory.path).dump() == ["m": [Point(-5, 5), Point(10, 2), Point(20, 1)]])
    }

    @Test("an import that is given up leaves nothing, and one without samples writes nothing")
    func abandoned() throws {
        let directory = try TemporaryDirectory()
        var limits = BlockImport.Limits()
        limits.samples = 1
        var work = try BlockImport(into: directory.path, nowMs: 0, limits: limits)
        let series = Labels([("__name__", "m")]).bytes.withUnsafeBytes { work.series($0) }
        work.add(series, 0, 1)
        #expect(try work.writeIfFull())
        work.abandon()
        #expect(try DiskFileSystem().list(directory.path).isEmpty)
        var empty = try BlockImport(into: directory.path, nowMs: 0)
        #expect(try empty.finish().isEmpty)
        #expect(try DiskFileSystem().list(directory.path).isEmpty)
    }

    @Test("samples in the log of the same times as imported ones stay, also after blocks were merged")
    func besideTheLog() throws {
        let directory = try TemporaryDirectory()
        let own = Labels([("__name__", "own")])
        let end = Fixture.start + 5 * Fixture.hour
        do {
            let fixture = try StoreFixture(directory.path)
            try Fixture.fill(fixture, [own], from: Fixture.start, to: end)
            #expect(fixture.store.blocks.count == 1)
            try fixture.store.close()
        }
        let imported = Fixture.labels(2)
        _ = try Self.run(directory.path, imported, hours: 6, seriesFirst: true)
        var expected = Fixture.expected(imported, from: Fixture.start, to: end + Fixture.hour)
        expected.merge(Fixture.expected([own], from: Fixture.start, to: end)) { first, _ in first }
        do {
            let fixture = try StoreFixture(directory.path)
            #expect(try fixture.dump() == expected)
            // Merges the imported blocks with the one that they overlap.
            try fixture.store.maintain(nowMs: end)
            #expect(try fixture.dump() == expected)
            try fixture.store.close()
        }
        #expect(try StoreFixture(directory.path).dump() == expected)
    }
}
