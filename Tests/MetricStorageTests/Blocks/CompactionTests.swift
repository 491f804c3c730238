import Durable
import Glibc
import MartletCore
import MetricStorage
import Testing

@Suite("Compaction, deletion and snapshots")
struct CompactionTests {
    typealias Fixture = BlockFixture

    @Test("blocks are merged by levels of 6 h and 18 h, and name what they were made from")
    func levels() throws {
        let directory = try TemporaryDirectory()
        let labels = Fixture.labels(10)
        let end = Fixture.start + 29 * Fixture.hour
        let expected = Fixture.expected(labels, from: Fixture.start, to: end)
        var blocks: [BlockMeta] = []
        do {
            let fixture = try StoreFixture(directory.path)
            try Fixture.fill(fixture, labels, from: Fixture.start, to: end)
            blocks = fixture.store.blocks
            #expect(try fixture.dump() == expected)
            try fixture.store.close()
        }
        let hours = blocks.map { ($0.minTime - Fixture.start) / Fixture.hour }
        #expect(hours == [0, 18, 24])
        let spans = blocks.map { ($0.maxTime - $0.minTime) / Fixture.hour }
        #expect(spans == [18, 6, 2])
        #expect(blocks.map(\.level) == [3, 2, 1])
        #expect(blocks.map(\.sources.count) == [9, 3, 1])
        #expect(blocks.map(\.parents.count) == [3, 3, 0])
        #expect(blocks.map(\.stats.samples) == [10_800, 3600, 1200])
        #expect(try DiskFileSystem().list(directory.path).count { $0.contains("tmp") } == 0)
        #expect(try StoreFixture(directory.path).dump() == expected)
    }

    @Test("deleted samples are gone from queries at once, after a restart, and after their blocks are written anew")
    func deletion() throws {
        let directory = try TemporaryDirectory()
        let labels = Fixture.labels(6)
        let end = Fixture.start + 9 * Fixture.hour
        var expected = Fixture.expected(labels, from: Fixture.start, to: end)
        let low = Fixture.start + Fixture.hour / 2
        let high = Fixture.start + 8 * Fixture.hour + Fixture.minute * 30
        // One series in a range across blocks and the head, one whole.
        let one = labels[1].description
        let whole = labels[3].description
        expected[one] = expected[one]?.filter { $0.time < low || $0.time > high }
        expected[whole] = nil
        func dump(_ fixture: StoreFixture) throws -> [String: [Point]] {
            try fixture.dump().filter { !$0.value.isEmpty }
        }
        do {
            let fixture = try StoreFixture(directory.path)
            try Fixture.fill(fixture, labels, from: Fixture.start, to: end)
            try fixture.store.delete(matching: [[Matcher(equal: "id", "1")]], minTime: low, maxTime: high)
            try fixture.store.delete(matching: [[Matcher(equal: "id", "3")]], minTime: .min, maxTime: .max)
            #expect(try dump(fixture) == expected)
            // What comes later is not deleted.
            try fixture.append([(labels[3], end, 7)])
            expected[whole] = [Point(end, 7)]
            #expect(try dump(fixture) == expected)
            #expect(fixture.store.blocks.map(\.stats.tombstones) == [2, 2, 2])
            try fixture.store.close()
        }
        do {
            let fixture = try StoreFixture(directory.path)
            #expect(try dump(fixture) == expected)
            try fixture.store.cleanTombstones(nowMs: Fixture.start)
            #expect(fixture.store.blocks.map(\.stats.tombstones) == [0, 0, 0])
            #expect(fixture.store.blocks.map(\.stats.series) == [5, 4, 4])
            #expect(fixture.store.blocks.map(\.level) == [1, 1, 1])
            #expect(try dump(fixture) == expected)
            // The head's deletions go into the block that is cut from it.
            try Fixture.fill(
                fixture, [labels[0]], from: end, to: end + 3 * Fixture.hour)
            expected[labels[0].description]? += (0..<180).map {
                Point(end + $0 * Fixture.minute, Fixture.value(0, end + $0 * Fixture.minute))
            }
            #expect(try dump(fixture) == expected)
            try fixture.store.close()
        }
        let fixture = try StoreFixture(directory.path)
        #expect(try dump(fixture) == expected)
        if Shell.hasPromtool {
            try fixture.store.close()
            #expect(try PromtoolTests.dump(directory.path) == expected)
        }
    }

    @Test("a block from which all is deleted goes")
    func emptied() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        try Fixture.fill(fixture, Fixture.labels(3), from: Fixture.start, to: Fixture.start + 8 * Fixture.hour)
        try fixture.store.delete(matching: [], minTime: .min, maxTime: Fixture.start + 2 * Fixture.hour)
        try fixture.store.cleanTombstones(nowMs: Fixture.start)
        #expect(fixture.store.blocks.map(\.minTime) == [Fixture.start + 2 * Fixture.hour])
        #expect(try fixture.dump().values.allSatisfy { $0.first?.time == Fixture.start + 2 * Fixture.hour + 60_000 })
    }

    @Test("a snapshot is a data directory of its own that later changes do not touch")
    func snapshot() throws {
        let directory = try TemporaryDirectory()
        let labels = Fixture.labels(12)
        let end = Fixture.start + 9 * Fixture.hour
        let expected = Fixture.expected(labels, from: Fixture.start, to: end)
        let fixture = try StoreFixture(directory.path)
        try Fixture.fill(fixture, labels, from: Fixture.start, to: end)
        let name = try fixture.store.snapshot(nowMs: 1_700_000_000_123, skipHead: false)
        let partial = try fixture.store.snapshot(nowMs: 1_700_000_000_123, skipHead: true)
        #expect(name.hasPrefix("20231114T221320Z-"))
        try fixture.store.delete(matching: [], minTime: .min, maxTime: .max)
        try fixture.store.cleanTombstones(nowMs: Fixture.start)
        #expect(try fixture.dump().values.allSatisfy(\.isEmpty))
        let snapshot = directory.file("snapshots/\(name)")
        #expect(try StoreFixture(snapshot).dump() == expected)
        if Shell.hasPromtool { #expect(try PromtoolTests.dump(snapshot) == expected) }
        #expect(
            try StoreFixture(directory.file("snapshots/\(partial)")).dump()
                == Fixture.expected(labels, from: Fixture.start, to: Fixture.start + 6 * Fixture.hour))
    }
}
