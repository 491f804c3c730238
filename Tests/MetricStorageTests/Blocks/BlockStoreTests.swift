import Durable
import Glibc
import MartletCore
import MetricStorage
import PromQL
import SampleMath
import Testing

/// Fills stores with samples whose values say which series and time they belong to.
enum BlockFixture {
    static let minute: Int64 = 60_000
    static let hour = 60 * minute
    /// A multiple of 54 h, on which the grids of the first levels begin.
    static let start = 1_700_000_000_000 / (54 * hour) * (54 * hour)

    static func labels(_ count: Int) -> [Labels] {
        (0..<count).map { index in
            var pairs = [("__name__", "m\(index % 3)"), ("id", "\(index)"), ("zone", index % 2 == 0 ? "even" : "odd")]
            if index % 5 == 0 { pairs.append(("five", "yes")) }
            return Labels(pairs)
        }
    }

    static func value(_ series: Int, _ time: Int64) -> Double { Double((time / 1000 + Int64(series) * 7) % 1000) / 8 }

    /// Appends a sample a minute to each series from `from` until `to` (exclusive), with maintenance every hour.
    static func fill(_ fixture: StoreFixture, _ labels: [Labels], from: Int64, to: Int64) throws {
        for time in stride(from: from, to: to, by: Int64.Stride(minute)) {
            try fixture.append(labels.enumerated().map { ($1, time, value($0, time)) })
            if time % hour == 0 { try fixture.store.maintain(nowMs: time) }
        }
    }

    static func expected(_ labels: [Labels], from: Int64, to: Int64) -> [String: [Point]] {
        var result: [String: [Point]] = [:]
        for (index, series) in labels.enumerated() {
            result[series.description] = stride(from: from, to: to, by: Int64.Stride(minute)).map {
                Point($0, value(index, $0))
            }
        }
        return result
    }
}

@Suite("Blocks of the metric store")
struct BlockStoreTests {
    typealias Fixture = BlockFixture

    @Test("old samples leave the head and the log for blocks; queries and restarts see no difference")
    func cut() throws {
        let directory = try TemporaryDirectory()
        var options = MetricStore.Options()
        options.segmentBytes = 64 << 10
        let labels = Fixture.labels(50)
        let end = Fixture.start + 9 * Fixture.hour
        let expected = Fixture.expected(labels, from: Fixture.start, to: end)
        do {
            let fixture = try StoreFixture(directory.path, options: options)
            try fixture.append("gone", Fixture.start, 1)
            try Fixture.fill(fixture, labels, from: Fixture.start, to: end)
            #expect(fixture.store.blocks.map(\.minTime) == [0, 2, 4].map { Fixture.start + $0 * Fixture.hour })
            #expect(fixture.store.blocks.map(\.level) == [1, 1, 1])
            #expect(fixture.store.blocks.map(\.stats.samples) == [6001, 6000, 6000])
            #expect(fixture.store.statistics.minTimeMs == Fixture.start + 6 * Fixture.hour)
            #expect(fixture.store.statistics.series == 50)
            var all = expected
            all["gone"] = [Point(Fixture.start, 1)]
            #expect(try fixture.dump() == all)
            let names = try DiskFileSystem().list(directory.file("wal"))
            #expect(names.count { $0.hasPrefix("checkpoint.") } == 1)
            #expect(!names.contains("00000000"))
            try fixture.store.close()
        }
        for _ in 0..<2 {
            let fixture = try StoreFixture(directory.path, options: options)
            // What head chunks have is not appended again.
            #expect(fixture.store.statistics.samplesAppended < 50 * 180)
            #expect(try fixture.dump([Matcher(.notEqual, "__name__", "gone")]) == expected)
            // Nor is what a block has taken again.
            #expect(try fixture.append("m", Fixture.start, 1).rejected.map(\.reason) == [.outOfBounds])
            try fixture.store.close()
        }
    }

    @Test("a block is due when no sample can come any more that belongs in it, and no longer when it is written")
    func due() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        #expect(!fixture.store.isBlockDue)
        try fixture.append("m", Fixture.start, 1)
        try fixture.append("m", Fixture.start + 3 * Fixture.hour, 2)
        #expect(!fixture.store.isBlockDue)
        try fixture.append("m", Fixture.start + 3 * Fixture.hour + 1, 3)
        #expect(fixture.store.isBlockDue)
        try fixture.store.maintain(nowMs: Fixture.start + 3 * Fixture.hour)
        #expect(!fixture.store.isBlockDue && fixture.store.blocks.count == 1)
        try fixture.store.close()
    }

    @Test("any range of times gives exactly its samples, across head and blocks")
    func ranges() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        let labels = Fixture.labels(3)
        let end = Fixture.start + 8 * Fixture.hour
        try Fixture.fill(fixture, labels, from: Fixture.start, to: end)
        let expected = Fixture.expected(labels, from: Fixture.start, to: end)
        var random = SplitMix64(seed: 11)
        for _ in 0..<200 {
            let low = Fixture.start + Int64(random.next() % UInt64(9 * Fixture.hour)) - Fixture.hour / 2
            let high = low + Int64(random.next() % UInt64(4 * Fixture.hour))
            let found = try fixture.dump(from: low, to: high)
            for (series, points) in expected {
                #expect(found[series] ?? [] == points.filter { $0.time >= low && $0.time <= high })
            }
        }
    }

    @Test("matchers select in blocks what a scan over all label sets selects; so do the label calls")
    func matchers() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        let labels = Fixture.labels(600)
        for time in [Fixture.start, Fixture.start + Fixture.hour] {
            try fixture.append(labels.map { ($0, time, 1) })
        }
        try fixture.append("later", Fixture.start + 4 * Fixture.hour, 1)
        try fixture.store.maintain(nowMs: Fixture.start)
        #expect(fixture.store.blocks.count == 1)
        #expect(fixture.store.statistics.series == 1)
        let lists: [[Matcher]] = try [
            [Matcher(equal: "__name__", "m1")],
            [Matcher(.regex, "__name__", "m.+"), Matcher(.notEqual, "zone", "odd")],
            [Matcher(.equal, "five", ""), Matcher(.regex, "__name__", "m.*")],
            [Matcher(.notEqual, "five", "")],
            [Matcher(.regex, "id", "1.*"), Matcher(.regex, "five", "yes|no|")],
            [Matcher(.regex, "id", "7|77|577|9999")],
            [Matcher(.regex, "id", "59.+")],
            [Matcher(.notRegex, "id", ".*[0-4]"), Matcher(equal: "zone", "even")],
            [Matcher(equal: "nothing", "here")],
            [Matcher(.notEqual, "nothing", "here"), Matcher(equal: "__name__", "m2")],
            [Matcher(equal: "id", "5"), Matcher(equal: "id", "50")],
            [Matcher(.regex, "id", ".*")],
        ]
        let all = labels + [Labels([("__name__", "later")])]
        for list in lists {
            let expected = all.filter { labels in list.allSatisfy { $0.matches(labels) } }
            #expect(Set(try fixture.dump(list).keys) == Set(expected.map(\.description)), "\(list)")
            let series = try fixture.store.series(
                matching: [list], minTime: .min, maxTime: .max, limit: 0, context: QueryContext())
            #expect(series == expected.sorted(), "\(list)")
        }
        let context = QueryContext()
        func names(_ matchers: [[Matcher]], from: Int64 = 0, to: Int64 = .max) throws -> [String] {
            try fixture.store.labelNames(matching: matchers, minTime: from, maxTime: to, limit: 0, context: context)
        }
        #expect(try names([]) == ["__name__", "five", "id", "zone"])
        #expect(try names([[Matcher(equal: "id", "3")]]) == ["__name__", "id", "zone"])
        #expect(try names([], from: Fixture.start + 3 * Fixture.hour) == ["__name__"])
        func values(_ name: String, _ matchers: [[Matcher]], limit: Int = 0) throws -> [String] {
            try fixture.store.labelValues(
                of: name, matching: matchers, minTime: 0, maxTime: .max, limit: limit, context: context)
        }
        #expect(try values("__name__", []) == ["later", "m0", "m1", "m2"])
        #expect(try values("id", [], limit: 3) == ["0", "1", "10"])
        #expect(try values("zone", [[Matcher(equal: "id", "3")]]) == ["odd"])
        #expect(try values("nothing", []) == [])
    }

    @Test("after a gap in time the blocks go on where the samples do")
    func gap() throws {
        let directory = try TemporaryDirectory()
        var options = MetricStore.Options()
        options.retentionMs = .max
        let fixture = try StoreFixture(directory.path, options: options)
        let times = [0, 30, 1000 * 24 * 60, 1000 * 24 * 60 + 100].map { Fixture.start + $0 * Fixture.minute }
        for time in times { try fixture.append("m", time, 1) }
        try fixture.store.maintain(nowMs: Fixture.start)
        #expect(fixture.store.blocks.map(\.stats.samples) == [2])
        #expect(try fixture.dump() == ["m": times.map { Point($0, 1) }])
        try fixture.append("m", Fixture.start + 1001 * 24 * Fixture.hour, 1)
        try fixture.store.maintain(nowMs: Fixture.start)
        #expect(fixture.store.blocks.map(\.stats.samples) == [2, 2])
    }

    @Test("blocks end at the retention, by time and by size; the newest stays")
    func retention() throws {
        let labels = Fixture.labels(20)
        let end = Fixture.start + 13 * Fixture.hour
        for (time, size) in [(4 * Fixture.hour, 0), (Int64.max, 1)] {
            let directory = try TemporaryDirectory()
            var options = MetricStore.Options()
            options.retentionMs = time
            options.sizeLimit = size
            let fixture = try StoreFixture(directory.path, options: options)
            try Fixture.fill(fixture, labels, from: Fixture.start, to: end)
            let first = try fixture.dump().values.first?.first?.time
            // By time the newest block and those within 4 h of it stay; by size none does.
            let cutEnd = Fixture.start + 10 * Fixture.hour
            #expect(first == (size > 0 ? cutEnd : cutEnd - 4 * Fixture.hour))
            #expect(try DiskFileSystem().list(directory.path).count { $0.hasSuffix("tmp-for-deletion") } == 0)
        }
    }
}
