import Durable
import MartletCore
import MetricStorage
import PromQL
import SampleMath
import Testing

@Suite("Samples out of order")
struct OutOfOrderTests {
    private static let start = BlockFixture.start
    private static let minute = BlockFixture.minute
    private static let hour = BlockFixture.hour

    private static var options: MetricStore.Options {
        var options = MetricStore.Options()
        options.outOfOrderWindowMs = 8 * hour
        return options
    }

    @Test(
        "within the window any order is taken, beyond it a sample is too old, and without a window Prometheus' rules hold"
    )
    func rules() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path, options: Self.options)
        let now = Self.start + 10 * Self.hour
        try fixture.append("m", now, 1)
        #expect(try fixture.append("m", now - Self.minute, 2).appended == 1)
        #expect(try fixture.append("m", now - 8 * Self.hour, 3).appended == 1)
        #expect(try fixture.append("m", now - 8 * Self.hour - 1, 4).rejected.map(\.reason) == [.tooOld])
        // At the time of the newest sample another value is a duplicate; at that of an older one the first stays.
        #expect(try fixture.append("m", now, 5).rejected.map(\.reason) == [.duplicate])
        #expect(try fixture.append("m", now - Self.minute, 6).rejected.isEmpty)
        // A series may begin out of order.
        #expect(try fixture.append("late", now - 7 * Self.hour, 7).appended == 1)
        #expect(
            try fixture.dump() == [
                "m": [Point(now - 8 * Self.hour, 3), Point(now - Self.minute, 2), Point(now, 1)],
                "late": [Point(now - 7 * Self.hour, 7)],
            ])
        #expect(try fixture.dump(from: now - 2 * Self.hour)["late"] == nil)
        let context = QueryContext()
        let names = try fixture.store.labelValues(
            of: "__name__", matching: [], minTime: now - 7 * Self.hour, maxTime: now - 6 * Self.hour, limit: 0,
            context: context)
        #expect(names == ["late"])
        fixture.store.setOutOfOrderWindow(0)
        #expect(try fixture.append("m", now - 2, 1).rejected.map(\.reason) == [.outOfOrder])
        #expect(try fixture.append("m", now - 2 * Self.hour, 1).rejected.map(\.reason) == [.outOfBounds])
        #expect(SampleRejection.tooOld.description == "too old sample")
    }

    @Test("a series that comes again and again in one request, newest first, loses nothing and takes no longer")
    func newestFirst() throws {
        let directory = try TemporaryDirectory()
        let labels = Labels([("__name__", "m")])
        let samples = (0..<200_000).map { (labels, Self.start - Int64($0), Double($0)) }
        do {
            let fixture = try StoreFixture(directory.path, options: Self.options)
            let result = try fixture.append(samples)
            #expect(result.rejected.isEmpty && result.appended == samples.count)
        }
        let found = try StoreFixture(directory.path, options: Self.options).dump()
        #expect(found == ["m": samples.reversed().map { Point($0.1, $0.2) }])
    }

    @Test("without a window such samples are rejected")
    func newestFirstWithoutWindow() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        let labels = Labels([("__name__", "m")])
        let result = try fixture.append([
            (labels, Self.start, 1), (labels, Self.start - 1, 2), (labels, Self.start, 3), (labels, Self.start, 1),
        ])
        #expect(result.appended == 2)
        #expect(result.rejected.map(\.reason) == [.outOfOrder, .duplicate])
        #expect(try fixture.dump() == ["m": [Point(Self.start, 1)]])
    }

    @Test(
        "samples in any order come back sorted: from memory, the log, blocks and merged blocks", arguments: [1, 2, 3])
    func shuffled(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        let labels = BlockFixture.labels(8)
        let end = Self.start + 7 * Self.hour
        let expected = BlockFixture.expected(labels, from: Self.start, to: end)
        var random = SplitMix64(seed: seed)
        var times = Array(stride(from: Self.start, to: end, by: Int64.Stride(Self.minute)))
        for index in times.indices.reversed() { times.swapAt(index, Int(random.next() % UInt64(index + 1))) }
        do {
            let fixture = try StoreFixture(directory.path, options: Self.options)
            for time in times.prefix(300) {
                let result = try fixture.append(labels.enumerated().map { ($1, time, BlockFixture.value($0, time)) })
                #expect(result.appended == 8)
            }
        }
        var all = expected
        all["m"] = [Point(end + 3 * Self.hour, 1)]
        do {
            let fixture = try StoreFixture(directory.path, options: Self.options)
            for time in times.dropFirst(300) {
                _ = try fixture.append(labels.enumerated().map { ($1, time, BlockFixture.value($0, time)) })
                if random.next() % 20 == 0 { try fixture.store.maintain(nowMs: time) }
            }
            #expect(try fixture.dump() == expected)
            try fixture.append("m", end + 3 * Self.hour, 1)
            try fixture.store.maintain(nowMs: end)
            #expect(try fixture.dump() == all)
            #expect(fixture.store.blocks.allSatisfy { !$0.hints.contains("from-out-of-order") })
            #expect(fixture.store.blocks.reduce(0) { $0 + $1.stats.samples } == 8 * 420)
            let series = try DiskFileSystem().list(directory.file("wbl"))
            #expect(series.isEmpty)
        }
        #expect(try StoreFixture(directory.path, options: Self.options).dump() == all)
    }

    @Test("late samples wait for the head to be cut: blocks are not written anew every minute")
    func gathered() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path, options: Self.options)
        var expected: [Point] = []
        func append(_ time: Int64) throws {
            #expect(try fixture.append("m", time, Double(time)).appended == 1)
            expected.append(Point(time, Double(time)))
        }
        for step in 0..<6 { try append(Self.start + Int64(step) * Self.hour) }
        try fixture.store.maintain(nowMs: Self.start)
        let blocks = fixture.store.blocks.map(\.id)
        #expect(!blocks.isEmpty)
        for step in 1..<4 {
            try append(Self.start + Int64(step) * 5 * Self.minute)
            try fixture.store.maintain(nowMs: Self.start + Int64(step) * Self.minute)
            #expect(fixture.store.blocks.map(\.id) == blocks)
            #expect(try fixture.dump()["m"] == expected.sorted { $0.time < $1.time })
        }
        try append(Self.start + 9 * Self.hour)
        try fixture.store.maintain(nowMs: Self.start + Self.hour)
        #expect(Set(fixture.store.blocks.map(\.id)).isDisjoint(with: blocks.prefix(1)))
        #expect(fixture.store.blocks.first?.stats.samples == 5)
        #expect(try DiskFileSystem().list(directory.file("wbl")).isEmpty)
        #expect(try fixture.dump()["m"] == expected.sorted { $0.time < $1.time })
    }

    @Test("late samples that were deleted are gone for good, and others may come in their place")
    func deleted() throws {
        let directory = try TemporaryDirectory()
        var expected: [Point] = []
        do {
            let fixture = try StoreFixture(directory.path, options: Self.options)
            for step in 0..<6 {
                let time = Self.start + Int64(step) * Self.hour
                #expect(try fixture.append("m", time, 1).appended == 1)
                expected.append(Point(time, 1))
            }
            try fixture.store.maintain(nowMs: Self.start)
            #expect(!fixture.store.blocks.isEmpty)
            let late = (1...4).map { Self.start + Int64($0) * 5 * Self.minute }
            for time in late { #expect(try fixture.append("m", time, 2).appended == 1) }
            let name = [[Matcher(equal: "__name__", "m")]]
            try fixture.store.delete(matching: name, minTime: late[1], maxTime: late[2])
            expected += [Point(late[0], 2), Point(late[3], 2)]
            expected.sort { $0.time < $1.time }
            #expect(try fixture.dump()["m"] == expected)
        }
        do {
            let fixture = try StoreFixture(directory.path, options: Self.options)
            #expect(try fixture.dump()["m"] == expected)
            let again = Self.start + 10 * Self.minute
            #expect(try fixture.append("m", again, 3).appended == 1)
            expected.append(Point(again, 3))
            expected.append(Point(Self.start + 9 * Self.hour, 1))
            expected.sort { $0.time < $1.time }
            #expect(try fixture.append("m", Self.start + 9 * Self.hour, 1).appended == 1)
            #expect(try fixture.dump()["m"] == expected)
        }
        let fixture = try StoreFixture(directory.path, options: Self.options)
        #expect(try fixture.dump()["m"] == expected)
        try fixture.store.maintain(nowMs: Self.start + Self.hour)
        #expect(try DiskFileSystem().list(directory.file("wbl")).isEmpty)
        #expect(try fixture.dump()["m"] == expected)
    }

    @Test("when late samples cannot become a block, what is beyond the retention goes all the same")
    func failedStep() throws {
        let directory = try TemporaryDirectory()
        var options = Self.options
        options.retentionMs = 10 * Self.hour
        let fixture = try StoreFixture(directory.path, options: options)
        let end = Self.start + 30 * Self.hour
        for time in stride(from: Self.start, through: end, by: Int64.Stride(Self.hour)) {
            try fixture.append("m", time, 1)
        }
        try fixture.append("m", end - 7 * Self.hour - 1, 1)
        try DiskFileSystem().removeTree(directory.file("wbl"))
        #expect(throws: DurableError.self) { try fixture.store.maintain(nowMs: end) }
        let oldest = fixture.store.blocks.map(\.minTime).min()
        #expect((oldest ?? .min) >= end - 16 * Self.hour)
        #expect(try fixture.dump(from: end - 8 * Self.hour)["m"]?.count == 10)
    }

    @Test("native histograms may come out of order, too")
    func histograms() throws {
        let directory = try TemporaryDirectory()
        var source = HistogramSource(.integer)
        let samples = (0..<40).map { (Self.start + Int64($0) * Self.minute, source.next()) }
        do {
            let fixture = try StoreFixture(directory.path, options: Self.options)
            for (time, sample) in samples.reversed() { #expect(try fixture.append("h", time, sample).appended == 1) }
        }
        let fixture = try StoreFixture(directory.path, options: Self.options)
        for round in 0..<2 {
            let found = try fixture.samples("h").histograms
            #expect(found.timestamps == samples.map(\.0))
            let wrong = zip(found.values, samples).count { $1.1.native.map($0.isSame(as:)) != true }
            #expect(wrong == 0)
            guard round == 0 else { break }
            try fixture.append("later", Self.start + 6 * Self.hour, 1)
            try fixture.store.maintain(nowMs: Self.start)
            #expect(fixture.store.blocks.map(\.stats.histogramSamples) == [40])
        }
    }

    @Test("a native histogram behind a late one does not know whether counting began anew between them")
    func histogramHints() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path, options: Self.options)
        func histogram(_ count: UInt64) -> StoredHistogram {
            var histogram = StoredHistogram(isFloat: false)
            (histogram.count, histogram.zeroCount) = (count, count)
            return histogram
        }
        try fixture.append("h", Self.start, histogram(100))
        try fixture.append("h", Self.start + 2 * Self.minute, histogram(10))
        #expect(try fixture.samples("h").histograms.values.last?.hint == .reset)
        try fixture.append("h", Self.start + Self.minute, histogram(5))
        let found = try fixture.samples("h").histograms.values
        #expect(found.map(\.count) == [100, 5, 10])
        #expect(found[1...].map(\.hint) == [.unknown, .unknown])
    }

    @Test("after power loss at any point every acknowledged sample is there, in whatever order it came")
    func powerLoss() throws {
        let directory = try TemporaryDirectory()
        let recording = try RecordingFileSystem(root: directory.path)
        var options = Self.options
        options.sync = .always
        options.segmentBytes = 32 << 10
        let fixture = try StoreFixture(directory.file("data"), options: options, on: recording)
        var acknowledged: [(position: Int, time: Int64)] = []
        for step in 0..<30 {
            // Every third sample is five hours late.
            let time = Self.start + Int64(step) * 20 * Self.minute - (step % 3 == 2 ? 5 * Self.hour : 0)
            try fixture.append((0..<4).map { (Labels([("__name__", "m\($0)")]), time, 1) })
            acknowledged.append((recording.position, time))
            if step % 7 == 6 { try fixture.store.maintain(nowMs: time) }
        }
        for loss in PowerLoss.all(of: recording, seeds: 2) {
            let rebuilt = try TemporaryDirectory()
            try loss.rebuild(recording, into: rebuilt.path)
            let safe = acknowledged.filter { $0.position <= loss.position }
            guard try DiskFileSystem().exists(rebuilt.file("data")) else {
                #expect(safe.isEmpty)
                continue
            }
            let found = try StoreFixture(rebuilt.file("data"), options: options).dump()
            for sample in safe {
                #expect(found.values.count { $0.contains { $0.time == sample.time } } == 4, "\(loss) \(sample)")
            }
        }
    }

    @Test(
        "promtool and the log's format: records of samples as in the write-ahead log", .enabled(if: Shell.hasPromtool))
    func format() throws {
        let directory = try TemporaryDirectory()
        var options = Self.options
        options.compression = .none
        do {
            let fixture = try StoreFixture(directory.path, options: options)
            try fixture.append("m", Self.start + Self.hour, 1)
            try fixture.append("m", Self.start, -2)
            try fixture.store.close()
        }
        let file = try DiskFileSystem().read(directory.file("wbl/00000000"), limit: 1 << 16)
        let time = withUnsafeBytes(of: Self.start.bigEndian) { Array($0) }
        #expect(
            Array(file[7...])
                == [2, 0, 0, 0, 0, 0, 0, 0, 1] + time + [0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0])
        #expect(
            try PromtoolTests.dump(directory.path) == ["m": [Point(Self.start, -2), Point(Self.start + Self.hour, 1)]])
    }

    @Test("many become blocks before the head does, and more are refused until then")
    func bounded() throws {
        let directory = try TemporaryDirectory()
        var taken: [Point] = []
        do {
            let fixture = try StoreFixture(
                directory.path, options: Self.options, budget: MemoryBudget(limitBytes: 4 << 20))
            let now = Self.start + 10 * Self.hour
            try fixture.append("m", now, -1)
            func append(_ count: Int) throws -> Set<SampleRejection> {
                let times = (0..<count).map { now - Self.hour + Int64(taken.count + $0) * 10 }
                let labels = Labels([("__name__", "m")])
                let result = try fixture.append(times.map { (labels, $0, Double($0 - now)) })
                if result.rejected.isEmpty { taken += times.map { Point($0, Double($0 - now)) } }
                return Set(result.rejected.map(\.reason))
            }
            #expect(try append(4096) == [])
            #expect(!fixture.store.isBlockDue)
            var refused: Set<SampleRejection> = []
            for _ in 0..<20 where refused.isEmpty { refused = try append(4096) }
            #expect(refused == [.memoryLimit])
            #expect(fixture.store.isBlockDue)
            try fixture.store.maintain(nowMs: now)
            #expect(!fixture.store.isBlockDue)
            #expect(fixture.store.blocks.map(\.isOutOfOrder) == [true])
            #expect(try append(4096) == [])
            #expect(try fixture.dump() == ["m": taken + [Point(now, -1)]])
            // The head goes on where it was.
            #expect(try fixture.append("m", now + 1, 0).appended == 1)
            try fixture.store.close()
        }
        #expect(try StoreFixture(directory.path, options: Self.options).dump()["m"]?.count == taken.count + 2)
    }
}
