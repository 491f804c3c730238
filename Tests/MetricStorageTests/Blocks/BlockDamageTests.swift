import Durable
import Glibc
import MartletCore
import MetricStorage
import PromQL
import SampleMath
import Testing

@Suite("Damage to blocks and death while they are written")
struct BlockDamageTests {
    typealias Fixture = BlockFixture

    private static func filled(_ path: String, hours: Int64 = 9) throws -> [BlockMeta] {
        let fixture = try StoreFixture(path)
        try Fixture.fill(fixture, Fixture.labels(8), from: Fixture.start, to: Fixture.start + hours * Fixture.hour)
        try fixture.store.close()
        return fixture.store.blocks
    }

    private static func samples(_ path: String) throws -> [String: [Point]] { try StoreFixture(path).dump() }

    @Test("a file that is missing or cut short sets its block aside; the others stay readable")
    func cutShort() throws {
        for file in ["meta.json", "index", "chunks/000001"] {
            for size in [Int64(0), 3, 20] {
                let directory = try TemporaryDirectory()
                let blocks = try Self.filled(directory.path)
                #expect(blocks.count == 3)
                let whole = try Self.samples(directory.path)
                let middle = blocks[1]
                let path = directory.file("\(middle.id)/\(file)")
                if size == 3 {
                    try DiskFileSystem().unlink(path)
                } else {
                    try DiskFileSystem().open(path, .readWrite).truncate(to: size)
                }
                if file.hasPrefix("chunks"), size == 20 {
                    // The segment still has its header: only its chunks are missed.
                    #expect(throws: QueryError.self) { try Self.samples(directory.path) }
                } else {
                    let left = whole.mapValues { $0.filter { !middle.times.contains($0.time) } }
                    #expect(try Self.samples(directory.path) == left, "\(file) of \(size) bytes")
                    #expect(try DiskFileSystem().exists(directory.file("\(middle.id).damaged")))
                }
            }
        }
    }

    @Test("a file that is cut between a selection and its reading is an error of what reads it, and the process lives")
    func cutWhileRead() throws {
        for file in ["index", "chunks/000001"] {
            let directory = try TemporaryDirectory()
            let fixture = try StoreFixture(directory.path)
            let labels = (0..<200).map { Labels([("__name__", "m"), ("i", "\($0)")]) }
            try Fixture.fill(fixture, labels, from: Fixture.start, to: Fixture.start + 9 * Fixture.hour)
            let middle = try #require(fixture.store.blocks.dropFirst().first)
            let whole = try fixture.dump()
            let context = QueryContext()
            let all = MetricSelection(matchers: [], minTime: .min, maxTime: .max)
            let set = try fixture.store.select(all, context: context)
            let disk = try DiskFileSystem().open(directory.file("\(middle.id)/\(file)"), .readWrite)
            // Found before the cut, read after it.
            try disk.truncate(to: 100)
            var failures = 0
            for index in 0..<set.count {
                var samples = SampleColumns()
                do {
                    try set.read(index, into: &samples)
                    #expect(samples.count == whole[set.labels(at: index).description]?.count)
                } catch {
                    failures += 1
                }
            }
            #expect((failures > 0) == file.hasPrefix("chunks"))
            #expect(throws: QueryError.self) { try fixture.dump() }
            #expect(throws: QueryError.self) {
                _ = try fixture.store.select(all, context: context)
            }
        }
    }

    @Test("any byte of a block that changes is noticed or harmless: no wrong answer, no crash")
    func flips() throws {
        let directory = try TemporaryDirectory()
        let blocks = try Self.filled(directory.path)
        let whole = try Self.samples(directory.path)
        let block = blocks[1]
        var random = SplitMix64(seed: 4)
        for file in ["index", "chunks/000001", "tombstones", "meta.json"] {
            let path = directory.file("\(block.id)/\(file)")
            let original = try DiskFileSystem().read(path, limit: 1 << 24)
            for _ in 0..<40 {
                var bytes = original
                let place = Int(random.next() % UInt64(bytes.count))
                bytes[place] ^= UInt8(1 << (random.next() % 8))
                try DiskFileSystem().open(path, .truncate).write(bytes, at: 0)
                let found = try? Self.samples(directory.path)
                if let found, file != "meta.json" {
                    let left = whole.mapValues { $0.filter { !block.times.contains($0.time) } }
                    #expect(found == whole || found == left, "\(file) at \(place)")
                }
                // Put it back, from where it was set aside too.
                let aside = directory.file("\(block.id).damaged")
                if try DiskFileSystem().exists(aside) {
                    try DiskFileSystem().rename(aside, to: directory.file("\(block.id)"))
                }
                try DiskFileSystem().open(path, .truncate).write(original, at: 0)
            }
        }
        #expect(try Self.samples(directory.path) == whole)
    }

    @Test("a file that is cut while the store runs is an error, not the end of the process")
    func cutWhileOpen() throws {
        let directory = try TemporaryDirectory()
        let blocks = try Self.filled(directory.path)
        for file in ["index", "chunks/000001"] {
            let fixture = try StoreFixture(directory.path)
            let path = directory.file("\(blocks[0].id)/\(file)")
            let original = try DiskFileSystem().read(path, limit: 1 << 24)
            try DiskFileSystem().open(path, .readWrite).truncate(to: 10)
            #expect(throws: QueryError.self) { try fixture.dump() }
            #expect(try fixture.dump(from: blocks[1].minTime).count == 8)
            try DiskFileSystem().open(path, .readWrite).write(original, at: 0)
            #expect(try fixture.dump().count == 8)
        }
    }

    @Test("what looks like a block and cannot be read does not stop the cutting of blocks")
    func unreadable() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        try DiskFileSystem().open(directory.file("01ARZ3NDEKTSV4RRFFQ69G5FAV"), .createNew).write([1], at: 0)
        let end = Fixture.start + 4 * Fixture.hour
        try Fixture.fill(fixture, Fixture.labels(2), from: Fixture.start, to: end)
        try fixture.store.maintain(nowMs: end)
        #expect(!fixture.store.blocks.isEmpty)
    }

    @Test("a compaction that meets damage leaves the blocks as they are and is not tried again")
    func damagedCompaction() throws {
        let directory = try TemporaryDirectory()
        let blocks = try Self.filled(directory.path)
        let path = directory.file("\(blocks[0].id)/chunks/000001")
        try DiskFileSystem().open(path, .readWrite).write([0xFF], at: 40)
        let fixture = try StoreFixture(directory.path)
        let labels = Fixture.labels(8)
        let end = Fixture.start + 9 * Fixture.hour
        try Fixture.fill(fixture, labels, from: end, to: end + 4 * Fixture.hour)
        #expect(fixture.store.blocks.prefix(3).map(\.id) == blocks.map(\.id))
        #expect(fixture.store.blocks.prefix(3).map(\.failed) == [true, true, true])
        #expect(try fixture.dump(from: blocks[1].minTime).count == 8)
        #expect(try DiskFileSystem().list(directory.path).count { $0.contains("tmp") } == 0)
    }

    @Test(
        "after power loss at any point of cutting, compacting, truncating the log, writing head chunks and starting again nothing is lost or doubled"
    )
    func powerLoss() throws {
        let directory = try TemporaryDirectory()
        let recording = try RecordingFileSystem(root: directory.path)
        var options = MetricStore.Options()
        options.sync = .always
        options.segmentBytes = 32 << 10
        let labels = Fixture.labels(3)
        var acknowledged: [(position: Int, time: Int64)] = []
        // Stopped in between, so that head chunks are written, and a start reads them and the checkpoint.
        for steps in [0..<32, 32..<50, 50..<64] {
            let fixture = try StoreFixture(directory.file("data"), options: options, on: recording)
            for step in steps {
                let time = Fixture.start + Int64(step) * 10 * Fixture.minute
                try fixture.append(labels.enumerated().map { ($1, time, Fixture.value($0, time)) })
                acknowledged.append((recording.position, time))
                if step % 12 == 11 { try fixture.store.maintain(nowMs: time) }
                if step == 40 {
                    try fixture.store.delete(
                        matching: [[Matcher(equal: "id", "1")]], minTime: Fixture.start, maxTime: Fixture.start + 1)
                    try fixture.store.cleanTombstones(nowMs: time)
                }
            }
            if steps.upperBound == 64 { #expect(fixture.store.blocks.map(\.level) == [2, 1]) }
            try fixture.store.close()
        }
        #expect(try DiskFileSystem().list(directory.file("data/wal")).contains { $0.hasPrefix("checkpoint.") })
        #expect(try !DiskFileSystem().list(directory.file("data/chunks_head")).isEmpty)
        for loss in PowerLoss.all(of: recording, seeds: 1) {
            let safe = acknowledged.filter { $0.position <= loss.position }.map(\.time)
            let rebuilt = try TemporaryDirectory()
            try loss.rebuild(recording, into: rebuilt.path)
            guard !safe.isEmpty, try DiskFileSystem().exists(rebuilt.file("data")) else { continue }
            let found = try StoreFixture(rebuilt.file("data"), options: options).dump()
            for (index, series) in labels.enumerated() {
                let points = found[series.description] ?? []
                let times = points.map(\.time)
                #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 }, "\(loss)")
                #expect(points.allSatisfy { $0 == Point($0.time, Fixture.value(index, $0.time)) }, "\(loss)")
                let missing = Set(safe).subtracting(times)
                #expect(missing.isSubset(of: index == 1 ? [Fixture.start] : []), "\(loss)")
            }
            #expect(try DiskFileSystem().list(rebuilt.file("data")).count { $0.contains(".damaged") } == 0, "\(loss)")
        }
    }

    @Test("a process killed while it cuts and compacts has kept every acknowledged sample, once")
    func killed() async throws {
        let path = BlockKillTest.path(ofParent: getpid())
        try DiskFileSystem().makeDirectories(path)
        defer { try? DiskFileSystem().removeTree(path) }
        for _ in 0..<5 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                try BlockKillTest.writeUntilKilled(BlockKillTest.path(ofParent: getppid()))
            }
            let said = try DiskFileSystem().read(path + "/stderr", limit: 1 << 16)
            #expect(String(decoding: said, as: UTF8.self) == "")
            let count = Int64(try DiskFileSystem().read(path + "/acknowledged", limit: 1 << 24).count)
            let found = try StoreFixture(path + "/data", options: BlockKillTest.options).dump()
            let times = (0..<count).map { Fixture.start + $0 * Fixture.minute }
            for (index, series) in Fixture.labels(BlockKillTest.series).enumerated() {
                // The batch after the last acknowledged one may be there or not.
                let points = (found[series.description] ?? []).prefix(Int(count))
                #expect(points.elementsEqual(times.map { Point($0, Fixture.value(index, $0)) }))
            }
        }
    }
}

/// What the child of the kill test does: goes on where the one before was killed.
enum BlockKillTest {
    static let series = 30
    static var options: MetricStore.Options {
        var options = MetricStore.Options()
        options.segmentBytes = 256 << 10
        return options
    }

    static func path(ofParent pid: Int32) -> String { "/tmp/martlet-block-kill-\(pid)" }

    static func writeUntilKilled(_ path: String) throws {
        // What an error or a trap says reaches the test, which otherwise sees a signal alone.
        dup2(open(path + "/stderr", O_WRONLY | O_CREAT | O_APPEND, 0o600), STDERR_FILENO)
        var thread = pthread_t()
        pthread_create(&thread, nil, killAfterSomeTime, nil)
        let fixture = try StoreFixture(path + "/data", options: options)
        let acknowledged = open(path + "/acknowledged", O_RDWR | O_CREAT | O_APPEND, 0o600)
        let labels = BlockFixture.labels(series)
        // What is there beyond the acknowledged comes again as a repetition, which counts as taken.
        var step = Int64(lseek(acknowledged, 0, SEEK_END))
        while true {
            let time = BlockFixture.start + step * BlockFixture.minute
            try fixture.append(labels.enumerated().map { ($1, time, BlockFixture.value($0, time)) })
            write(acknowledged, "x", 1)
            step += 1
            if step % 30 == 0 { try fixture.store.maintain(nowMs: time) }
        }
    }
}

private func killAfterSomeTime(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    usleep(UInt32.random(in: 20_000..<250_000))
    kill(getpid(), SIGKILL)
    return nil
}
