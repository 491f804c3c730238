import Durable
import Testing

@Suite("AtomicFile publishes whole files")
struct AtomicFileTests {
    @Test("a published file holds the new bytes and leaves no temporary file")
    func publishes() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("state")
        try AtomicFile.publish(path, Array("one".utf8))
        try AtomicFile.publish(path, Array("two, longer".utf8))
        let disk = DiskFileSystem()
        #expect(try disk.read(path, limit: 100) == Array("two, longer".utf8))
        #expect(try disk.list(directory.path) == ["state"])
    }

    @Test("a full disk is reported and the old content stays")
    func fullDisk() throws {
        let directory = try TemporaryDirectory()
        let recording = try RecordingFileSystem(root: directory.path)
        let path = directory.file("state")
        try AtomicFile.publish(path, Array("old".utf8), on: recording)
        recording.setCapacity(10)
        let failure = #expect(throws: DurableError.self) {
            try AtomicFile.publish(path, Array(repeating: 7, count: 100), on: recording)
        }
        #expect(failure?.code == .noSpace)
        #expect(failure?.path == path + ".tmp")
        #expect(try recording.read(path, limit: 100) == Array("old".utf8))
        #expect(try recording.list(directory.path) == ["state"])
    }

    @Test("after power loss at any point the file is old or new, and new once publish has returned")
    func powerLoss() throws {
        let directory = try TemporaryDirectory()
        let recording = try RecordingFileSystem(root: directory.path)
        let path = directory.file("state")
        let contents = (0..<4).map { Array(repeating: UInt8($0), count: 3000 + $0) }
        var published: [Int] = []
        for content in contents {
            try AtomicFile.publish(path, content, on: recording)
            published.append(recording.position)
        }
        let states = PowerLoss.all(of: recording, seeds: 8)
        #expect(states.count > 50)
        for loss in states {
            let rebuilt = try TemporaryDirectory()
            try loss.rebuild(recording, into: rebuilt.path)
            let acknowledged = published.filter { $0 <= loss.position }.count
            let disk = DiskFileSystem()
            guard try disk.exists(rebuilt.file("state")) else {
                #expect(acknowledged == 0)
                continue
            }
            let found = try disk.read(rebuilt.file("state"), limit: 10_000)
            let index = try #require(contents.firstIndex(of: found), "\(loss)")
            #expect(index >= acknowledged - 1, "\(loss)")
        }
    }
}
