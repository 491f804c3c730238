import Durable
import Glibc
import MartletCore
import MetricStorage
import Testing

@Suite("Checkpoint")
struct CheckpointTests {
    private static let now = MetricStoreTests.now
    private static let hour: Int64 = 3_600_000

    @Test(
        "a block or checkpoint that the disk has no room for leaves nothing behind, and is written when there is room")
    func fullDisk() throws {
        let directory = try TemporaryDirectory()
        let recording = try RecordingFileSystem(root: directory.path)
        var options = MetricStore.Options()
        options.segmentBytes = 32 << 10
        options.compression = .none
        let fixture = try StoreFixture(directory.file("data"), options: options, on: recording)
        let series = (0..<400).map { Labels([("__name__", "m"), ("i", "\($0)")]) }
        for step in 0..<20 { try fixture.append(series.map { ($0, Self.now + Int64(step) * 60_000, 1) }) }
        let later = Self.now + 4 * Self.hour
        try fixture.append(series.map { ($0, later, 1) })
        var failures = (cut: 0, checkpoint: 0)
        for room in stride(from: Int64(0), to: 1 << 20, by: 8192) {
            recording.setCapacity(1 << 30)
            let used = (1 << 30) - Int64(try recording.space(directory.path).availableBytes)
            recording.setCapacity(used + room)
            do {
                try fixture.store.maintain(nowMs: later)
                break
            } catch {
                #expect((error as? DurableError)?.code == .noSpace)
                if fixture.store.blocks.isEmpty { failures.cut += 1 } else { failures.checkpoint += 1 }
                #expect(try Self.checkpoints(directory.file("data")) == [])
                #expect(try DiskFileSystem().list(directory.file("data")).allSatisfy { !$0.contains("tmp") })
            }
        }
        #expect(failures.cut > 0 && failures.checkpoint > 0)
        #expect(fixture.store.blocks.map(\.stats.samples) == [8000])
        #expect(try Self.checkpoints(directory.file("data")).count == 1)
        #expect(try fixture.dump().values.allSatisfy { $0.count == 21 })
    }

    /// Leaves a log all of whose segments went, with a sample now and one later; gives what the only segment held.
    private static func truncated(_ directory: TemporaryDirectory, _ later: Int64) throws -> [UInt8] {
        let fixture = try StoreFixture(directory.path)
        try fixture.append("m", now, 1)
        try fixture.append("m", later, 2)
        let segment = try DiskFileSystem().read(directory.file("wal/00000000"), limit: 1 << 20)
        try fixture.store.maintain(nowMs: later)
        #expect(try DiskFileSystem().list(directory.file("wal")) == ["checkpoint.00000000"])
        return segment
    }

    @Test("a log all of whose segments went goes on behind its checkpoint, so that the next replay reads what follows")
    func allSegmentsGone() throws {
        let directory = try TemporaryDirectory()
        let later = Self.now + 4 * Self.hour
        // Nothing is appended after the truncation.
        _ = try Self.truncated(directory, later)
        do {
            let fixture = try StoreFixture(directory.path)
            try fixture.append("m", later + 1, 3)
        }
        #expect(
            try StoreFixture(directory.path).dump()
                == ["m": [Point(Self.now, 1), Point(later, 2), Point(later + 1, 3)]])
    }

    @Test("segments that a checkpoint stands for, left by a crash before their removal, go with the next truncation")
    func segmentsLeft() throws {
        let directory = try TemporaryDirectory()
        let later = Self.now + 4 * Self.hour
        let segment = try Self.truncated(directory, later)
        try DiskFileSystem().open(directory.file("wal/00000000"), .createNew).write(segment, at: 0)
        let fixture = try StoreFixture(directory.path)
        let last = later + 4 * Self.hour
        try fixture.append("m", last, 3)
        try fixture.store.maintain(nowMs: last)
        #expect(try DiskFileSystem().list(directory.file("wal")) == ["checkpoint.00000001"])
        #expect(try fixture.dump() == ["m": [Point(Self.now, 1), Point(later, 2), Point(last, 3)]])
    }

    @Test("what a crash left of a checkpoint is removed when the store is opened")
    func leftOver() throws {
        let directory = try TemporaryDirectory()
        let left = directory.file("wal/checkpoint.00000007.tmp")
        try DiskFileSystem().makeDirectories(left)
        try DiskFileSystem().open(left + "/00000000", .createNew).write([1, 2, 3], at: 0)
        try DiskFileSystem().makeDirectories(directory.file("wal/mine.tmp"))
        let fixture = try StoreFixture(directory.path)
        #expect(try DiskFileSystem().list(directory.file("wal")) == ["mine.tmp"])
        withExtendedLifetime(fixture) {}
    }

    @Test(
        "native histograms of another writer stay in the log with their series until the blocks have their time, then go",
        arguments: [false, true])
    func histograms(isFloat: Bool) throws {
        let directory = try TemporaryDirectory()
        let kind: UInt8 = isFloat ? 8 : 7
        let custom = kind + 2
        let young = Self.now + 2 * Self.hour
        let log = try RecordLog(directory.file("wal"))
        for record in [
            Self.series(1, "old"), Self.series(2, "young"), Self.series(3, "sampled"),
            Self.head(kind, 1, Self.now) + [0, 0] + Self.histogram(isFloat, schema: 3)
                // Delta of the reference 1, of the time 2 h.
                + [2, 0x80, 0xF4, 0xEE, 0x06] + Self.histogram(isFloat, schema: 3),
            Self.head(custom, 1, Self.now) + [0, 0] + Self.histogram(isFloat, schema: -53),
            // A kind that nobody knows, and a sample whose record ends too early.
            [77, 1, 2], [2, 0, 0],
        ] { try log.append(record) }
        try log.close()
        let fixture = try StoreFixture(directory.path)
        func maintain(at time: Int64) throws {
            try fixture.append("sampled", time, 1)
            try fixture.store.maintain(nowMs: time)
        }
        // The grid of 2 h puts its lines between the histograms' times.
        try maintain(at: Self.now + 1)
        try maintain(at: Self.now + 4 * Self.hour)
        var kept = try Self.records(directory.path)
        #expect(
            kept.filter { (7...10).contains($0[0]) }
                == [Self.head(kind, 2, young) + [0, 0] + Self.histogram(isFloat, schema: 3)])
        #expect(!kept.contains { $0[0] == 77 })
        #expect(kept.filter { $0[0] == 1 } == [Self.series(2, "young") + Self.series(3, "sampled").dropFirst()])
        try maintain(at: Self.now + 6 * Self.hour)
        kept = try Self.records(directory.path)
        #expect(!kept.isEmpty && !kept.contains { (7...10).contains($0[0]) })
        #expect(kept.filter { $0[0] == 1 } == [Self.series(3, "sampled")])
    }

    private static func checkpoints(_ path: String) throws -> [String] {
        try DiskFileSystem().list(path + "/wal").filter { $0.hasPrefix("checkpoint.") }
    }

    private static func records(_ path: String) throws -> [[UInt8]] {
        var records: [[UInt8]] = []
        for name in try checkpoints(path) {
            _ = try RecordLog(path + "/wal/" + name).replay(repair: false) { record, _ in records.append(Array(record))
            }
        }
        return records
    }

    private static func series(_ ref: UInt8, _ name: String) -> [UInt8] {
        [1, 0, 0, 0, 0, 0, 0, 0, ref, 1, 8] + Array("__name__".utf8) + [UInt8(name.utf8.count)] + Array(name.utf8)
    }

    /// The beginning of a record of points: kind, reference and time of the first.
    private static func head(_ kind: UInt8, _ ref: UInt8, _ timeMs: Int64) -> [UInt8] {
        [kind, 0, 0, 0, 0, 0, 0, 0, ref] + bigEndian(UInt64(bitPattern: timeMs))
    }

    /// A histogram as Prometheus' log encodes it: one positive span of two buckets, one negative of one.
    private static func histogram(_ isFloat: Bool, schema: Int) -> [UInt8] {
        func counts(_ values: [UInt8]) -> [UInt8] {
            isFloat ? values.flatMap { bigEndian(Double($0).bitPattern) } : values
        }
        let zigzag = UInt8(schema < 0 ? -schema * 2 - 1 : schema * 2)
        let custom = schema == -53 ? [1] + bigEndian((0.5).bitPattern) : []
        return [1, zigzag] + bigEndian((0.001).bitPattern) + counts([1, 12]) + bigEndian(0)
            + [1, 4, 2] + [1, 3, 1] + [2] + counts([6, 8]) + [1] + counts([2]) + custom
    }

    private static func bigEndian(_ value: UInt64) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
