import Durable
import Glibc
import MartletCore
import MetricStorage
import PromQL
import SampleMath
import Testing

@Suite("MetricStore")
struct MetricStoreTests {
    static let now: Int64 = 1_700_000_000_000

    @Test("samples older than the last are out of order, at the same time duplicates unless equal")
    func order() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        #expect(try fixture.append("m", Self.now, 1).appended == 1)
        #expect(try fixture.append("m", Self.now, 1).rejected.isEmpty)
        #expect(try fixture.append("m", Self.now, 2).rejected.map(\.reason) == [.duplicate])
        #expect(try fixture.append("m", Self.now - 1, 1).rejected.map(\.reason) == [.outOfOrder])
        #expect(try fixture.append("m", Self.now - 3_600_001, 1).rejected.map(\.reason) == [.outOfBounds])
        #expect(try fixture.append("other", Self.now - 3_600_001, 1).rejected.map(\.reason) == [.outOfBounds])
        #expect(try fixture.dump() == ["m": [Point(Self.now, 1)]])
        #expect(SampleRejection.outOfOrder.description == "out of order sample")
        #expect(SampleRejection.duplicate.description == "duplicate sample for timestamp")
    }

    @Test("a sample at the beginning of time keeps none out that come after it")
    func earliest() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        #expect(try fixture.append("early", .min + 1, 1).appended == 1)
        #expect(try fixture.append("m", Self.now, 1).rejected.isEmpty)
    }

    @Test("the time that series without samples have as their last is out of bounds")
    func noTime() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        for value in [0.0, 1] {
            #expect(try fixture.append("m", .min, value).rejected.map(\.reason) == [.outOfBounds])
        }
    }

    @Test("a query that is over ends between the values that its matchers look at")
    func overWhileMatching() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        for index in 0..<300 {
            let name = "m\(index)" + String(repeating: "xyz", count: 60)
            try fixture.append(name, Self.now, 1)
        }
        // So many branches that the automaton has no room for its states and is slow.
        let branches = (0..<5000).map { "x\($0).*y" }.joined(separator: "|")
        for (kind, pattern) in [(Matcher.Kind.regex, ".*(\(branches))"), (.notRegex, ".*(\(branches))z")] {
            let matchers = [try Matcher(kind, Labels.metricName, pattern)]
            for ask in [
                { context in
                    _ = try fixture.store.select(
                        MetricSelection(matchers: matchers, minTime: .min, maxTime: .max), context: context)
                },
                { context in
                    _ = try fixture.store.series(
                        matching: [matchers], minTime: .min, maxTime: .max, limit: 0, context: context)
                },
            ] as [(QueryContext) throws -> Void] {
                let failure = #expect(throws: QueryError.self) { try ask(QueryContext(timeoutSeconds: 0.001)) }
                #expect(failure?.kind == .timeout)
            }
        }
    }

    @Test("within one batch the same rules hold, and the sound samples are kept")
    func batch() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        let labels = Labels([("__name__", "m"), ("a", "b")])
        let result = try fixture.append([
            (labels, Self.now, 1), (labels, Self.now + 1, 2), (labels, Self.now, 3),
        ])
        #expect(result.appended == 2)
        #expect(result.created == 1)
        #expect(try fixture.dump() == [#"m{a="b"}"#: [Point(Self.now, 1), Point(Self.now + 1, 2)]])
    }

    @Test("matchers select what a scan over all label sets selects")
    func matchers() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        var all: [Labels] = []
        for index in 0..<600 {
            var pairs = [
                ("__name__", "m\(index % 3)"), ("id", "\(index)"), ("parity", index % 2 == 0 ? "even" : "odd"),
            ]
            if index % 5 == 0 { pairs.append(("five", "yes")) }
            all.append(Labels(pairs))
        }
        try fixture.append(all.map { ($0, Self.now, 1) })
        let lists: [[Matcher]] = try [
            [Matcher(equal: "__name__", "m1")],
            [Matcher(.regex, "__name__", "m.+"), Matcher(.notEqual, "parity", "odd")],
            [Matcher(.equal, "five", "")],
            [Matcher(.notEqual, "five", "")],
            [Matcher(.regex, "id", "1.*"), Matcher(.regex, "five", "yes|no|")],
            [Matcher(.regex, "id", "7|77|577|9999")],
            [Matcher(.notRegex, "id", ".*[0-4]"), Matcher(equal: "parity", "even")],
            [Matcher(equal: "nothing", "here")],
            [Matcher(.notEqual, "nothing", "here"), Matcher(equal: "__name__", "m2")],
            [Matcher(.regex, "nothing", ".*")],
            [],
        ]
        for list in lists {
            let expected = all.filter { labels in list.allSatisfy { $0.matches(labels) } }.map(\.description)
            #expect(Set(try fixture.dump(list).keys) == Set(expected), "\(list)")
        }
        let context = QueryContext()
        let names = try fixture.store.labelNames(matching: [], minTime: 0, maxTime: .max, limit: 0, context: context)
        #expect(names == ["__name__", "five", "id", "parity"])
        let values = try fixture.store.labelValues(
            of: "parity", matching: [[Matcher(.equal, "id", "3")]], minTime: 0, maxTime: .max, limit: 0,
            context: context)
        #expect(values == ["odd"])
        let series = try fixture.store.series(
            matching: [[Matcher(equal: "id", "3")], [Matcher(.regex, "id", "3|40")]], minTime: 0, maxTime: .max,
            limit: 0, context: context)
        #expect(series == [all[3], all[40]].sorted())
    }

    @Test("everything acknowledged is there after a restart, and series keep their numbers")
    func restart() throws {
        let directory = try TemporaryDirectory()
        var expected: [String: [Point]] = [:]
        for round in 0..<3 {
            let fixture = try StoreFixture(directory.path)
            #expect(try fixture.dump() == expected)
            for step in 0..<50 {
                let time = Self.now + Int64(round * 1000 + step)
                for name in ["a", "b\(round)"] {
                    try fixture.append(name, time, Double(step))
                    expected[name, default: []].append(Point(time, Double(step)))
                }
            }
            try fixture.store.close()
        }
    }

    @Test("a second process is refused the directory")
    func lock() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        #expect(throws: DurableError.self) { try StoreFixture(directory.path) }
        withExtendedLifetime(fixture) {}
    }

    @Test("a store that was closed lets its directory be opened at once, and changes nothing in it any more")
    func closed() throws {
        let directory = try TemporaryDirectory()
        var options = MetricStore.Options()
        options.outOfOrderWindowMs = 3_600_000
        let first = try StoreFixture(directory.path, options: options)
        try first.append("a", Self.now, 1)
        try first.store.close()
        let second = try StoreFixture(directory.path, options: options)
        try first.store.close()
        let changes: [() throws -> Void] = [
            { try first.append("a", Self.now + 1, 2) }, { try first.append("a", Self.now - 1, 2) },
            { try first.store.maintain(nowMs: Self.now) }, { try first.store.cleanTombstones(nowMs: Self.now) },
            { try first.store.delete(matching: [], minTime: 0, maxTime: .max) },
            { try first.store.removeLocally([]) },
            { _ = try first.store.snapshot(nowMs: Self.now, skipHead: true) },
            { try first.store.snapshot(to: directory.path) },
        ]
        for (index, change) in changes.enumerated() {
            let failure = #expect(throws: DurableError.self, "change \(index)", performing: change)
            #expect(failure?.code == .closed, "change \(index)")
        }
        let names = try DiskFileSystem().list(directory.path).sorted()
        #expect(!names.contains("wbl") && !names.contains("snapshots"))
        #expect(try first.dump() == ["a": [Point(Self.now, 1)]], "queries go on")
        try second.append("a", Self.now + 1, 3)
        #expect(try second.dump() == ["a": [Point(Self.now, 1), Point(Self.now + 1, 3)]])
        #expect(throws: DurableError.self) { try StoreFixture(directory.path) }
    }

    @Test("at the memory limit new series are refused and known ones still taken")
    func memoryLimit() throws {
        let directory = try TemporaryDirectory()
        let budget = MemoryBudget(limitBytes: 3 << 20)
        let fixture = try StoreFixture(directory.path, budget: budget)
        var refused = 0
        for index in 0..<40_000 where refused == 0 {
            refused += try fixture.append("m\(index)", Self.now, 1).rejected.count { $0.reason == .memoryLimit }
        }
        #expect(refused == 1)
        #expect(try fixture.append("m0", Self.now + 1, 1).appended == 1)
        #expect(budget.used > 3 << 18)
    }

    @Test("a query keeps its samples while the store cuts blocks and removes them")
    func stableSet() throws {
        let directory = try TemporaryDirectory()
        var options = MetricStore.Options()
        options.retentionMs = 1
        let fixture = try StoreFixture(directory.path, options: options)
        func append(_ steps: Range<Int64>) throws {
            for step in steps { try fixture.append("m", Self.now + step * 60_000, Double(step)) }
        }
        try append(0..<100)
        let young = try fixture.store.select(
            MetricSelection(matchers: [], minTime: 0, maxTime: .max), context: QueryContext())
        try append(100..<1000)
        try fixture.store.maintain(nowMs: Self.now)
        let old = try fixture.store.select(
            MetricSelection(matchers: [], minTime: 0, maxTime: .max), context: QueryContext())
        try append(1000..<1500)
        try fixture.store.maintain(nowMs: Self.now)
        for (set, count) in [(young, 100), (old, 1000)] {
            var columns = SampleColumns()
            try set.read(0, into: &columns)
            #expect(columns.timestamps.suffix(100).first == Self.now + Int64(count - 100) * 60_000)
            #expect(columns.timestamps.last == Self.now + Int64(count - 1) * 60_000)
        }
    }

    @Test(
        "a series that looks empty to maintenance while its sample is being written keeps the sample",
        arguments: ["new", "idle"])
    func maintenanceDuringAppend(name: String) throws {
        let directory = try TemporaryDirectory()
        let recording = try RecordingFileSystem(root: directory.path)
        let fixture = try StoreFixture(directory.file("data"), on: recording)
        let later = try Self.prepareCut(fixture)
        recording.beforeNextWrite { Self.cutMeanwhile(fixture.store) }
        #expect(try fixture.append(name, later + 1, 2).appended == 1)
        #expect(try fixture.append(name, later + 2, 3).appended == 1)
        #expect(
            try fixture.dump(from: later) == [
                "m": [Point(later, 1)], name: [Point(later + 1, 2), Point(later + 2, 3)],
            ])
        #expect(fixture.store.statistics.series == 2)
    }

    @Test("series that were to be dropped during an append that failed are dropped all the same")
    func maintenanceDuringFailedAppend() throws {
        let directory = try TemporaryDirectory()
        let recording = try RecordingFileSystem(root: directory.path)
        let fixture = try StoreFixture(directory.file("data"), on: recording)
        let later = try Self.prepareCut(fixture)
        recording.beforeNextWrite {
            Self.cutMeanwhile(fixture.store)
            recording.setCapacity(0)
        }
        #expect(throws: DurableError.self) { try fixture.append("new", later + 1, 2) }
        recording.setCapacity(nil)
        #expect(fixture.store.statistics.series == 1)
        try fixture.append("new", later + 1, 2)
        #expect(try fixture.dump(from: later) == ["m": [Point(later, 1)], "new": [Point(later + 1, 2)]])
    }

    /// Brings the store to where the next maintenance cuts a block and finds the series `idle` empty. Gives the time of
    /// the newest sample.
    private static func prepareCut(_ fixture: StoreFixture) throws -> Int64 {
        let later = now + 4 * 3_600_000
        try fixture.append("idle", now, 1)
        try fixture.append("m", later, 1)
        return later
    }

    /// Lets maintenance run beside the caller until the head has dropped what the block has; the log waits for the
    /// caller's write.
    private static func cutMeanwhile(_ store: MetricStore) {
        let floor = store.statistics.minTimeMs
        Thread.detach { try? store.maintain(nowMs: now) }
        while store.statistics.minTimeMs == floor { sched_yield() }
    }

    @Test("a full disk is an error, and what was acknowledged before and after is kept")
    func fullDisk() throws {
        let directory = try TemporaryDirectory()
        let recording = try RecordingFileSystem(root: directory.path)
        var acknowledged: [String: [Point]] = [:]
        do {
            let fixture = try StoreFixture(directory.file("data"), on: recording)
            var failures = 0
            for step in 0..<300 {
                if step == 100 { recording.setCapacity(7000) }
                if step == 200 { recording.setCapacity(nil) }
                let name = "series_\(step % 150)"
                do {
                    try fixture.append(name, Self.now + Int64(step), 1)
                    acknowledged[name, default: []].append(Point(Self.now + Int64(step), 1))
                } catch {
                    #expect((error as? DurableError)?.code == .noSpace)
                    failures += 1
                }
            }
            #expect(failures > 10)
            #expect(try fixture.dump() == acknowledged)
            try fixture.store.close()
        }
        #expect(try StoreFixture(directory.file("data")).dump() == acknowledged)
    }

    @Test("after power loss at any point every acknowledged sample is there")
    func powerLoss() throws {
        let directory = try TemporaryDirectory()
        let recording = try RecordingFileSystem(root: directory.path)
        var options = MetricStore.Options()
        options.sync = .always
        options.segmentBytes = 32 << 10
        options.headChunkBytes = 4096
        let fixture = try StoreFixture(directory.file("data"), options: options, on: recording)
        var acknowledged: [(position: Int, time: Int64)] = []
        for step in 0..<25 {
            let time = Self.now + Int64(step) * 600_000
            try fixture.append((0..<20).map { (Labels([("__name__", "m\($0)"), ("s", "\(step / 8)")]), time, 1) })
            acknowledged.append((recording.position, time))
            if step % 6 == 5 { try fixture.store.maintain(nowMs: time) }
        }
        for loss in PowerLoss.all(of: recording, seeds: 2) {
            let rebuilt = try TemporaryDirectory()
            try loss.rebuild(recording, into: rebuilt.path)
            guard try DiskFileSystem().exists(rebuilt.file("data")) else {
                #expect(!acknowledged.contains { $0.position <= loss.position })
                continue
            }
            let found = try StoreFixture(rebuilt.file("data"), options: options).dump()
            let times = Set(found.values.joined().map(\.time))
            let safe = acknowledged.filter { $0.position <= loss.position }
            guard let newest = safe.last?.time else { continue }
            // What the retention let go may be gone.
            for sample in safe where sample.time >= newest - options.retentionMs {
                #expect(times.contains(sample.time), "\(loss)")
            }
            #expect(found.values.joined().count { $0.time == newest } == 20, "\(loss)")
        }
    }

    @Test("a process killed in the middle of writing has kept every acknowledged sample")
    func killed() async throws {
        let path = KillTest.path(ofParent: getpid())
        try DiskFileSystem().makeDirectories(path)
        defer { try? DiskFileSystem().removeTree(path) }
        await #expect(processExitsWith: .signal(SIGKILL)) {
            try KillTest.writeUntilKilled(KillTest.path(ofParent: getppid()))
        }
        let count = try DiskFileSystem().read(path + "/acknowledged", limit: 1 << 20).count
        #expect(count >= KillTest.batches)
        let found = try StoreFixture(path + "/data").dump()
        #expect(found.count == KillTest.series)
        for points in found.values {
            #expect(points.count >= count)
            #expect(points.prefix(count).map(\.time) == (0..<count).map { Self.now + Int64($0) })
        }
    }
}

/// What the child of the kill test does: writes batches, notes each acknowledgement with one byte, and is killed by a
/// thread of its own at a moment that has nothing to do with the writing.
enum KillTest {
    static let batches = 200
    static let series = 40

    static func path(ofParent pid: Int32) -> String { "/tmp/martlet-kill-\(pid)" }

    static func writeUntilKilled(_ path: String) throws {
        let fixture = try StoreFixture(path + "/data")
        let acknowledged = open(path + "/acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        let labels = (0..<series).map { Labels([("__name__", "m"), ("i", "\($0)")]) }
        var step: Int64 = 0
        while true {
            try fixture.append(labels.map { ($0, MetricStoreTests.now + step, Double(step)) })
            write(acknowledged, "x", 1)
            step += 1
            if step == batches {
                var thread = pthread_t()
                pthread_create(&thread, nil, killThisProcess, nil)
            }
        }
    }
}

private func killThisProcess(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    usleep(3000)
    kill(getpid(), SIGKILL)
    return nil
}
