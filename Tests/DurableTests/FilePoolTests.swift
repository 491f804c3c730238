import Durable
import Testing

@Suite("A pool of files that are read now and then")
struct FilePoolTests {
    let directory: TemporaryDirectory
    let disk = DiskFileSystem()

    init() throws { directory = try TemporaryDirectory("pool") }

    private func paths(_ count: Int) throws -> [String] {
        try (0..<count).map { number in
            let path = directory.file("\(number)")
            try disk.open(path, .createNew).write(Array("content \(number)".utf8), at: 0)
            return path
        }
    }

    @Test("holds no more of them open than its limit, and reads each of them, again and again", arguments: [1, 3, 16])
    func limit(limit: Int) throws {
        let pool = FilePool(limit: limit, on: disk)
        let files = try paths(40).map { pool.file($0) }
        #expect(pool.openCount == 0, "nothing is opened before it is read")
        for _ in 0..<3 {
            for (number, file) in files.enumerated() {
                #expect(try file.read(count: 100, at: 8) == Array("\(number)".utf8))
                #expect(pool.openCount <= limit)
            }
        }
    }

    @Test("closes what was not read for longest")
    func order() throws {
        let pool = FilePool(limit: 2, on: disk)
        let paths = try paths(3)
        let files = paths.map { pool.file($0) }
        for number in [0, 1, 0, 2] { _ = try files[number].size() }
        for path in paths { try disk.unlink(path) }
        #expect(try files[0].read(count: 9, at: 0) == Array("content 0".utf8))
        #expect(try files[2].read(count: 9, at: 0) == Array("content 2".utf8))
        #expect(throws: DurableError.self) { try files[1].size() }
    }

    @Test("reads on in a file whose name is gone when it was told to keep it open")
    func removed() throws {
        let pool = FilePool(limit: 1, on: disk)
        let paths = try paths(5)
        let files = paths.map { pool.file($0) }
        for (path, file) in zip(paths, files) {
            try file.keepOpen()
            try disk.unlink(path)
        }
        for (number, file) in files.enumerated() {
            #expect(try file.read(count: 100, at: 8) == Array("\(number)".utf8))
        }
        #expect(pool.openCount == 0, "what is kept does not take the place of others")
    }

    @Test("forgets files that nobody holds any more")
    func forgotten() throws {
        let pool = FilePool(limit: 10, on: disk)
        do {
            let file = pool.file(try paths(1)[0])
            _ = try file.size()
            #expect(pool.openCount == 1)
        }
        #expect(pool.openCount == 0)
    }

    @Test("serves many readers at a time")
    func threads() async throws {
        let pool = FilePool(limit: 2, on: disk)
        let files = try paths(10).map { pool.file($0) }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for reader in 0..<4 {
                group.addTask {
                    for round in 0..<500 {
                        let number = (reader * 3 + round * 7) % files.count
                        guard try files[number].read(count: 100, at: 8) == Array("\(number)".utf8) else { return false }
                    }
                    return true
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
        #expect(pool.openCount <= 2)
    }
}
