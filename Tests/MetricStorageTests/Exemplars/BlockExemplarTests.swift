import Durable
import MartletCore
import MetricStorage
import Testing

@Suite("Exemplars in blocks")
struct BlockExemplarTests {
    typealias Fixture = BlockFixture

    private static let series = [Labels([("__name__", "a")]), Labels([("__name__", "b")])]

    /// A sample of both series every ten minutes, each with an exemplar that is half a second older; maintenance with each.
    private static func fill(_ fixture: StoreFixture, hours: Range<Int64>) throws {
        let times = stride(
            from: Fixture.start + hours.lowerBound * Fixture.hour, to: Fixture.start + hours.upperBound * Fixture.hour,
            by: 600_000)
        for time in times {
            var batch = SampleBatch()
            for (index, labels) in series.enumerated() {
                labels.bytes.withUnsafeBytes { batch.begin(labels: $0) }
                batch.add(time, Double(index))
                Labels([("trace_id", "\(index)-\(time)")]).bytes.withUnsafeBytes {
                    batch.addExemplar($0, time - 500, Double(index) + 0.5)
                }
            }
            #expect(try fixture.store.append(&batch).rejected.isEmpty)
            try fixture.store.maintain(nowMs: time)
        }
    }

    private static func found(
        _ fixture: StoreFixture, _ name: String, from start: Int64 = 0, to end: Int64 = .max
    ) throws -> (times: [Int64], warnings: [String]) {
        let found = try fixture.store.exemplars(
            matching: [[Matcher(equal: "__name__", name)]], minTime: start, maxTime: end)
        for exemplar in found.series.flatMap(\.exemplars) {
            #expect(exemplar.labels["trace_id"] == "\(name == "a" ? 0 : 1)-\(exemplar.timeMs + 500)")
        }
        return (found.series.flatMap(\.exemplars).map(\.timeMs), found.warnings)
    }

    private static func times(_ hours: Range<Int64>) -> [Int64] {
        Array(
            stride(
                from: Fixture.start + hours.lowerBound * Fixture.hour,
                to: Fixture.start + hours.upperBound * Fixture.hour, by: 600_000)
        ).map { $0 - 500 }
    }

    private static func fewInMemory() -> MetricStore.Options {
        var options = MetricStore.Options()
        options.maxExemplars = 60
        return options
    }

    @Test("outlast the head, compaction, and a restart; each is answered once")
    func outlast() throws {
        let directory = try TemporaryDirectory()
        do {
            let fixture = try StoreFixture(directory.path, options: Self.fewInMemory())
            try Self.fill(fixture, hours: 0..<29)
            #expect(fixture.store.blocks.map(\.level) == [3, 2, 1])
            #expect(try Self.found(fixture, "a").times == Self.times(0..<29))
            try fixture.store.close()
        }
        let fixture = try StoreFixture(directory.path, options: Self.fewInMemory())
        #expect(try Self.found(fixture, "a").times == Self.times(0..<29))
        #expect(try Self.found(fixture, "b").times == Self.times(0..<29))
        let middle = Self.times(3..<5)
        #expect(try Self.found(fixture, "b", from: middle[0], to: middle[11]).times == middle)
        #expect(try Self.found(fixture, "c").times == [])
        var verification = DirectoryVerification(directory.path)
        try verification.run { Issue.record("\($0)") }
    }

    @Test("of deleted times and series are gone, also when their blocks are written anew")
    func deletion() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        try Self.fill(fixture, hours: 0..<9)
        let (low, high) = (Fixture.start + Fixture.hour, Fixture.start + 8 * Fixture.hour)
        try fixture.store.delete(matching: [[Matcher(equal: "__name__", "a")]], minTime: low, maxTime: high)
        let left = Self.times(0..<9).filter { $0 < low || $0 > high }
        #expect(try Self.found(fixture, "a").times == left)
        try fixture.store.cleanTombstones(nowMs: high)
        #expect(try Self.found(fixture, "a").times == left)
        #expect(try Self.found(fixture, "b").times == Self.times(0..<9))
    }

    @Test("go with their blocks, and are in a snapshot")
    func snapshot() throws {
        let directory = try TemporaryDirectory()
        var options = Self.fewInMemory()
        options.retentionMs = 4 * Fixture.hour
        let fixture = try StoreFixture(directory.path, options: options)
        try Self.fill(fixture, hours: 0..<20)
        let first = try #require(try Self.found(fixture, "a").times.first)
        #expect(first > Fixture.start + 8 * Fixture.hour)
        let name = try fixture.store.snapshot(nowMs: Fixture.start, skipHead: false)
        let copy = try StoreFixture(directory.file("snapshots/\(name)"))
        #expect(try Self.found(copy, "b").times == Self.found(fixture, "b").times)
    }

    @Test("a damaged file is a warning that names it; samples and other exemplars are answered, compaction goes on")
    func damage() throws {
        for isAtEnd in [true, false] {
            let directory = try TemporaryDirectory()
            var name = ""
            do {
                let fixture = try StoreFixture(directory.path, options: Self.fewInMemory())
                try Self.fill(fixture, hours: 0..<7)
                #expect(fixture.store.blocks.count == 2)
                name = "\(fixture.store.blocks[0].id)/exemplars"
                try fixture.store.close()
            }
            let path = directory.file(name)
            var bytes = try DiskFileSystem().read(path, limit: 1 << 20)
            bytes[isAtEnd ? bytes.count - 6 : 20] ^= 1
            try DiskFileSystem().open(path, .truncate).write(bytes, at: 0)
            let fixture = try StoreFixture(directory.path, options: Self.fewInMemory())
            let (times, warnings) = try Self.found(fixture, "a")
            // That of the sample at 2 h lies before it.
            #expect(times == Array(Self.times(0..<7).dropFirst(13)))
            #expect(warnings.count == 1 && warnings[0].contains(name), "\(warnings)")
            #expect(try fixture.dump()["a"]?.count == 42)
            var problems: [String] = []
            var verification = DirectoryVerification(directory.path)
            try verification.run { problems.append("\($0)") }
            #expect(problems.count == 1 && problems[0].contains(name), "\(problems)")
            try Self.fill(fixture, hours: 7..<12)
            #expect(fixture.store.blocks.map(\.level) == [2, 1, 1])
            #expect(try Self.found(fixture, "a").warnings == [])
            #expect(try Self.found(fixture, "b").times.suffix(50) == Self.times(0..<12).suffix(50))
        }
    }

    @Test("any byte of a file that changes, and any length it is cut to, is noticed: no wrong answer, no crash")
    func flips() throws {
        let directory = try TemporaryDirectory()
        var path = ""
        do {
            let fixture = try StoreFixture(directory.path, options: Self.fewInMemory())
            try Self.fill(fixture, hours: 0..<7)
            path = directory.file("\(fixture.store.blocks[0].id)/exemplars")
            try fixture.store.close()
        }
        let original = try DiskFileSystem().read(path, limit: 1 << 20)
        var random = SplitMix64(seed: 9)
        for round in 0..<80 {
            var bytes = original
            let place = Int(random.next() % UInt64(bytes.count))
            if round % 2 == 0 { bytes[place] ^= UInt8(1 << (random.next() % 8)) } else { bytes.removeLast(place + 1) }
            try DiskFileSystem().open(path, .truncate).write(bytes, at: 0)
            let fixture = try StoreFixture(directory.path, options: Self.fewInMemory())
            for name in ["a", "b"] {
                let (times, warnings) = try Self.found(fixture, name)
                #expect(times == Self.times(0..<7) || !warnings.isEmpty, "round \(round) at \(place)")
            }
        }
    }

    @Test("an import keeps those of its samples")
    func imported() throws {
        let directory = try TemporaryDirectory()
        var limits = BlockImport.Limits()
        limits.samples = 5
        var work = try BlockImport(into: directory.path, nowMs: Fixture.start, limits: limits)
        let times = Self.times(0..<5).map { $0 + 500 }
        for time in times {
            let series = Self.series[0].bytes.withUnsafeBytes { work.series($0) }
            work.add(series, time, 1)
            Labels([("trace_id", "0-\(time)")]).bytes.withUnsafeBytes { work.addExemplar(series, $0, time - 500, 1) }
            _ = try work.writeIfFull()
        }
        #expect(try work.finish().count > 1)
        // That of the very first sample lies in the cell before it, which has no block.
        #expect(try Self.found(StoreFixture(directory.path), "a").times.suffix(28) == Self.times(0..<5).suffix(28))
    }

    @Test("promtool reads a block with exemplars as one without", .enabled(if: Shell.hasPromtool))
    func promtool() throws {
        let directory = try TemporaryDirectory()
        do {
            let fixture = try StoreFixture(directory.path)
            try Self.fill(fixture, hours: 0..<7)
            try fixture.store.close()
        }
        #expect(try PromtoolTests.dump(directory.path)["a"]?.count == 42)
        let scratch = try TemporaryDirectory()
        let analysis = try Shell.run("\(Shell.promtool) tsdb analyze \(directory.path)", in: scratch) ?? ""
        #expect(analysis.contains("Series: 2\n"))
    }
}
