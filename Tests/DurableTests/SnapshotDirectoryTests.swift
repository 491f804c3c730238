import Durable
import Testing

@Suite("The directory of snapshots")
struct SnapshotDirectoryTests {
    private let directory: TemporaryDirectory
    private let disk = DiskFileSystem()
    private let now: Int64 = 1_767_268_800_000

    init() throws { directory = try TemporaryDirectory("snapshots") }

    private func fill(_ target: String) throws {
        try AtomicFile.publish(FilePath.join(target, "file"), [1, 2, 3])
    }

    @Test("gives a snapshot a name that tells its time, and a directory with what was put there")
    func take() throws {
        let snapshot = try SnapshotDirectory(directory.path).take(nowMs: now, fill)
        #expect(snapshot.name.hasPrefix("20260101T120000Z-"))
        #expect(StampedName.timeMs(of: snapshot.name) == now)
        #expect(snapshot.path == directory.file("snapshots~/\(snapshot.name)"))
        #expect(try disk.read(FilePath.join(snapshot.path, "file"), limit: 10) == [1, 2, 3])
    }

    @Test("leaves nothing of a snapshot that fails")
    func failure() throws {
        struct Trouble: Error {}
        #expect(throws: Trouble.self) {
            _ = try SnapshotDirectory(directory.path).take(nowMs: now) { target in
                try fill(target)
                throw Trouble()
            }
        }
        #expect(try disk.list(directory.file("snapshots~")) == [])
    }

    @Test("removes a snapshot by its name, and nothing else")
    func remove() throws {
        let snapshots = SnapshotDirectory(directory.path)
        let snapshot = try snapshots.take(nowMs: now, fill)
        try disk.makeDirectory(directory.file("data"))
        for name in ["", ".", "..", "../data", "snapshots~", "20260101T120000Z-00000000"] {
            #expect(try !snapshots.remove(name), "\(name)")
        }
        #expect(try disk.exists(directory.file("data")))
        #expect(try snapshots.remove(snapshot.name))
        #expect(try !disk.exists(snapshot.path))
        #expect(try !snapshots.remove(snapshot.name))
    }

    @Test("has no more than a few, clears away what was forgotten a day ago, and what a death left half made")
    func limits() throws {
        let snapshots = SnapshotDirectory(directory.path)
        for _ in 0..<SnapshotDirectory.limit { _ = try snapshots.take(nowMs: now, fill) }
        let error = #expect(throws: SnapshotDirectory.Full.self) { _ = try snapshots.take(nowMs: now + 1000, fill) }
        #expect(error.map { "\($0)" }?.contains("remove one") == true)
        // The oldest makes room once it is an hour old.
        _ = try snapshots.take(nowMs: now + 3_600_000, fill)
        #expect(try disk.list(directory.file("snapshots~")).count == SnapshotDirectory.limit)
        try disk.makeDirectory(directory.file("snapshots~/20260101T120000Z-00000000.tmp"))
        let later = try snapshots.take(nowMs: now + 2 * 86_400_000, fill)
        #expect(try disk.list(directory.file("snapshots~")) == [later.name])
    }
}
