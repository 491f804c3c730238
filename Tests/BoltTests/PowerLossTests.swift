import Bolt
import Durable
import Testing

@Suite("A power loss during commits")
struct PowerLossTests {
    private static let name = [UInt8]("b")

    /// The state after commit `round`: every key carries the round that wrote it last.
    private static func change(_ tx: Tx, round: Int) throws {
        let bucket = try tx.createBucketIfNotExists(name)
        try bucket.put([UInt8]("round"), [UInt8]("\(round)"))
        for index in 0..<30 {
            try bucket.put([UInt8]("key\((index * 7 + round * 13) % 90)"), [UInt8](repeating: UInt8(round), count: 150))
        }
        if round > 0 { try bucket.delete([UInt8]("key\(round * 5 % 90)")) }
        if round == 4 { try bucket.put([UInt8]("large"), [UInt8](repeating: 4, count: 60_000)) }
    }

    @Test("leaves the state before or after the commit, whatever part of the unsynced writes arrived")
    func commits() throws {
        let live = try TemporaryDirectory("bolt")
        let recording = try RecordingFileSystem(root: live.path)
        let db = try DB(live.file("db"), options: .init(fileSystem: recording))
        // Where each commit was acknowledged, and what the file held then.
        var acknowledged: [(position: Int, content: [[UInt8]: ReferenceFile.Node])] = []
        func note() throws {
            let image = try DiskFileSystem().read(live.file("db"), limit: 1 << 24)
            acknowledged.append((recording.position, try ReferenceFile(image).content()))
        }
        try note()
        for round in 0..<8 {
            try db.update { try Self.change($0, round: round) }
            try note()
        }
        for loss in PowerLoss.all(of: recording, seeds: 6) {
            let after = try TemporaryDirectory("bolt")
            try loss.rebuild(recording, into: after.path)
            let last = acknowledged.lastIndex { $0.position <= loss.position }
            guard let last else {
                // Lost while the file was being made: it may be anything, but opening it must not crash.
                _ = try? DB(after.file("db"), options: .init(fileSystem: DiskFileSystem()))
                continue
            }
            let allowed = acknowledged[last...].prefix(2).map(\.content)
            let reopened = try DB(after.file("db"), options: .init(fileSystem: DiskFileSystem()))
            #expect(try reopened.check() == [], "\(loss)")
            let image = try DiskFileSystem().read(after.file("db"), limit: 1 << 24)
            let content = try ReferenceFile(image).content()
            #expect(allowed.contains(content), "\(loss)")
            try reopened.update { try Self.change($0, round: 99) }
            #expect(try reopened.check() == [], "\(loss)")
        }
    }

    @Test("a failed sync of the pages fails the commit and changes nothing")
    func failedPages() throws {
        let live = try TemporaryDirectory("bolt")
        let recording = try RecordingFileSystem(root: live.path)
        let db = try DB(live.file("db"), options: .init(fileSystem: recording))
        try db.update { try Self.change($0, round: 0) }
        recording.failSync(after: 0)
        #expect {
            try db.update { try $0.bucket(Self.name)?.put([UInt8]("huge"), [UInt8](repeating: 1, count: 200_000)) }
        } throws: { ($0 as? BoltError)?.code == .io }
        #expect(try db.view { try $0.bucket(Self.name)?.get([UInt8]("round")) } == [UInt8]("0"))
        #expect(try db.view { try $0.bucket(Self.name)?.get([UInt8]("huge")) } == nil)
        try db.update { try Self.change($0, round: 1) }
        #expect(try db.check() == [])
    }

    @Test("a failed sync of the meta page stops writing until the database is reopened; reading goes on")
    func failedSync() throws {
        let live = try TemporaryDirectory("bolt")
        let recording = try RecordingFileSystem(root: live.path)
        do {
            let db = try DB(live.file("db"), options: .init(fileSystem: recording))
            try db.update { try Self.change($0, round: 0) }
            // The next commit fits the file: its first sync is the pages', its second the meta's.
            recording.failSync(after: 1)
            #expect { try db.update { try Self.change($0, round: 1) } } throws: { ($0 as? BoltError)?.code == .io }
            #expect { try db.update { try Self.change($0, round: 2) } } throws: { ($0 as? BoltError)?.code == .failed }
            #expect(try db.view { try $0.bucket(Self.name)?.get([UInt8]("round")) } == [UInt8]("0"))
        }
        let db = try DB(live.file("db"), options: .init(fileSystem: recording))
        try db.update { try Self.change($0, round: 3) }
        #expect(try db.check() == [])
    }
}
