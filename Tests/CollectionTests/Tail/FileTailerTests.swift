import Collection
import Durable
import Glibc
import Testing

/// Passes lines on with their path and offset.
private struct Recorder: LineProcessor {
    var path: String
    var heldSince: UInt64? { nil }

    mutating func process(_ line: [UInt8], at offset: UInt64, into output: inout [String]) {
        let name = path.split(separator: "/").last ?? ""
        output.append("\(name)@\(offset):\(String(decoding: line, as: UTF8.self))")
    }
    mutating func tick(into output: inout [String]) {}
    mutating func finish(into output: inout [String]) {}
    mutating func renamed(to path: String) { self.path = path }
}

@Suite("Files are followed through everything that happens to logs")
struct FileTailerTests {
    private let directory: TemporaryDirectory
    private var tailer: FileTailer<Recorder>
    private var now: Int64 = 0

    init() throws {
        directory = try TemporaryDirectory()
        tailer = try FileTailerTests.tailer(directory, "/*.log")
    }

    private static func tailer(
        _ directory: TemporaryDirectory, _ pattern: String, roundBytes: Int = 4 << 20
    ) throws -> FileTailer<Recorder> {
        var options = TailOptions()
        options.roundBytes = roundBytes
        options.lineLimit = 64
        options.drainMilliseconds = 5000
        options.expandMilliseconds = 0
        return FileTailer(
            include: [try GlobPattern(directory.path + pattern)],
            exclude: [try GlobPattern(directory.path + "/skip*")], options: options
        ) { Recorder(path: $0) }
    }

    /// Polls until nothing more is to be read; `advance` milliseconds pass before.
    private mutating func poll(advance: Int64 = 250, saved: [FilePosition] = []) -> [String] {
        now += advance
        var lines: [String] = []
        while tailer.poll(
            now: now, lists: DiskPaths(), saved: { identity in saved.first { $0.identity == identity } }, into: &lines)
        {}
        return lines
    }

    @Test("Lines come once they are complete")
    mutating func partial() throws {
        try directory.append("a.log", "one\ntw")
        try directory.append("skip.log", "never\n")
        #expect(poll() == ["a.log@0:one"])
        #expect(poll() == [])
        #expect(tailer.positions().map(\.offset) == [4])
        try directory.append("a.log", "o\n")
        #expect(poll() == ["a.log@4:two"])
        #expect(tailer.positions().map(\.offset) == [8])
    }

    @Test("A renamed file is read to its end while the new one begins")
    mutating func rename() throws {
        try directory.append("a.log", "one\n")
        #expect(poll() == ["a.log@0:one"])
        try directory.append("a.log", "two\n")
        try directory.rename("a.log", "a.1")
        try directory.append("a.log", "three\n")
        #expect(Set(poll()) == ["a.log@4:two", "a.log@0:three"])
        // The writer still has the old file open for a while.
        try directory.append("a.1", "late\nunfinished")
        #expect(poll() == ["a.log@8:late"])
        #expect(poll(advance: 5001) == ["a.log@13:unfinished"])
        #expect(tailer.activeFiles == 1)
    }

    @Test("A rotation within the pattern reads nothing twice")
    mutating func renameWithin() throws {
        tailer = try Self.tailer(directory, "/a.log*")
        try directory.append("a.log", "one\n")
        #expect(poll() == ["a.log@0:one"])
        try directory.rename("a.log", "a.log.1")
        try directory.append("a.log", "two\n")
        #expect(poll() == ["a.log@0:two"])
        try directory.append("a.log.1", "late\n")
        #expect(poll() == ["a.log.1@4:late"])
    }

    @Test("copytruncate begins anew, also when the file has grown past the old position")
    mutating func truncate() throws {
        try directory.append("a.log", "first line\nsecond\npart")
        #expect(poll() == ["a.log@0:first line", "a.log@11:second"])
        try directory.write("a.log", "x\n")
        #expect(poll() == ["a.log@18:part", "a.log@0:x"])
        try directory.write("a.log", "other content that is much longer\n")
        #expect(poll() == ["a.log@0:other content that is much longer"])
        #expect(tailer.totals.truncations == 2)
    }

    @Test("A deleted and created file is a new one")
    mutating func delete() throws {
        try directory.append("a.log", "one\nrest")
        #expect(poll() == ["a.log@0:one"])
        directory.delete("a.log")
        try directory.append("a.log", "two\n")
        #expect(poll() == ["a.log@0:two"])
        #expect(poll(advance: 6000) == ["a.log@4:rest"])
    }

    @Test("Reading goes on at the saved position of the same file")
    mutating func resume() throws {
        try directory.append("a.log", "one\ntwo\n")
        _ = poll()
        let saved = tailer.positions()
        try directory.append("a.log", "three\n")
        tailer = try Self.tailer(directory, "/*.log")
        #expect(poll(saved: saved) == ["a.log@8:three"])
    }

    @Test("A saved position of other content under the same inode is not used")
    mutating func foreignPosition() throws {
        try directory.append("a.log", "one\ntwo\n")
        _ = poll()
        let saved = tailer.positions()
        try directory.write("a.log", "another file's lines\n")
        tailer = try Self.tailer(directory, "/*.log")
        #expect(poll(saved: saved) == ["a.log@0:another file's lines"])
    }

    @Test("One look reads its share only, and every file has its turn")
    mutating func turns() throws {
        tailer = try FileTailerTests.tailer(directory, "/*.log", roundBytes: 1000)
        for name in 0..<10 { try directory.append("\(name).log", String(repeating: "line\n", count: 100)) }
        for _ in 0..<5 {
            var lines: [String] = []
            #expect(tailer.poll(now: now, lists: DiskPaths(), saved: { _ in nil }, into: &lines))
            #expect(lines.count == 200)
        }
        #expect(tailer.totals.bytes == 5000)
        // What comes into the first files does not keep the last from being read.
        for name in 0..<10 { try directory.append("\(name).log", String(repeating: "more\n", count: 100)) }
        var files: Set<Character> = []
        for _ in 0..<5 {
            var lines: [String] = []
            for name in 0..<2 { try directory.append("\(name).log", String(repeating: "even more\n", count: 100)) }
            _ = tailer.poll(now: now, lists: DiskPaths(), saved: { _ in nil }, into: &lines)
            files.formUnion(lines.compactMap(\.first))
        }
        #expect(files.count >= 8)
    }

    @Test("An endless line keeps its place and takes no memory, and what follows it is read")
    mutating func endlessLine() throws {
        for _ in 0..<20 {
            try directory.append("a.log", String(repeating: "x", count: 100_000))
            #expect(poll() == [])
        }
        #expect(tailer.positions().map(\.offset) == [0])
        try directory.append("a.log", "\nnext\n")
        #expect(poll() == ["a.log@0:" + String(repeating: "x", count: 64), "a.log@2000001:next"])
        #expect(tailer.totals.linesCut == 1)
    }

    @Test("A directory, a pipe and a link to nowhere that match are passed over")
    mutating func otherKinds() throws {
        try directory.write("d.log/inner", "x\n")
        #expect(mkfifo(directory.path + "/p.log", 0o600) == 0)
        #expect(symlink("/nowhere", directory.path + "/l.log") == 0)
        try directory.append("a.log", "one\n")
        #expect(poll() == ["a.log@0:one"])
        #expect(tailer.activeFiles == 1)
    }

    @Test("Bytes that are not UTF-8 and blank lines are lines")
    mutating func bytes() throws {
        try directory.write("a.log", [0x0A, 0x0A, 0xFF, 0xC0, 0x00, 0x0A])
        #expect(poll() == ["a.log@0:", "a.log@1:", "a.log@2:\u{FFFD}\u{FFFD}\0"])
    }

    @Test("A file replaced by a directory or a pipe is let go")
    mutating func replaced() throws {
        try directory.append("a.log", "one\n")
        _ = poll()
        directory.delete("a.log")
        try directory.write("a.log/inner", "x\n")
        #expect(poll(advance: 6000) == [])
        #expect(tailer.activeFiles == 1)
        #expect(poll(advance: 6000) == [])
        #expect(tailer.activeFiles == 0)
    }
}
