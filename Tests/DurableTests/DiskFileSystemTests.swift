import Durable
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("DiskFileSystem")
struct DiskFileSystemTests {
    let disk = DiskFileSystem()

    @Test("what is written at an offset is read there, and a map sees it")
    func readsAndWrites() throws {
        let directory = try TemporaryDirectory()
        let file = try disk.open(directory.file("a"), .createNew)
        try file.write(Array("hello".utf8), at: 3)
        #expect(try file.size() == 8)
        #expect(try file.read(count: 100, at: 3) == Array("hello".utf8))
        let map = try disk.map(directory.file("a"))
        try file.write(Array("j".utf8), at: 3)
        #expect(map.withBytes { Array($0) } == [0, 0, 0] + Array("jello".utf8))
        map.letGoOfPages()
        #expect(map.withBytes { Array($0) } == [0, 0, 0] + Array("jello".utf8))
        try file.truncate(to: 4)
        #expect(try disk.status(directory.file("a")).size == 4)
    }

    @Test("an empty file maps to no bytes")
    func emptyMap() throws {
        let directory = try TemporaryDirectory()
        _ = try disk.open(directory.file("a"), .create)
        #expect(try disk.map(directory.file("a")).count == 0)
    }

    @Test("names are listed in byte order, directories are made and removed with their content")
    func directories() throws {
        let directory = try TemporaryDirectory()
        try disk.makeDirectories(directory.file("x/y/z"))
        for name in ["b", "B", "a"] { _ = try disk.open(directory.file("x/y/" + name), .createNew) }
        #expect(try disk.list(directory.file("x/y")) == ["B", "a", "b", "z"])
        #expect(try disk.status(directory.file("x")).isDirectory)
        try disk.removeTree(directory.file("x"))
        #expect(try disk.list(directory.path) == [])
    }

    @Test("a tree goes without what its links lead to")
    func removesLinks() throws {
        let directory = try TemporaryDirectory()
        try disk.makeDirectories(directory.file("tree"))
        try disk.makeDirectories(directory.file("elsewhere"))
        _ = try disk.open(directory.file("elsewhere/a"), .createNew)
        for (target, name) in [("elsewhere", "tree/link"), ("nowhere", "tree/dangling"), ("elsewhere", "link")] {
            try #require(symlink(directory.file(target), directory.file(name)) == 0)
        }
        try disk.removeTree(directory.file("tree"))
        try disk.removeTree(directory.file("link"))
        #expect(try disk.list(directory.path) == ["elsewhere"])
        #expect(try disk.list(directory.file("elsewhere")) == ["a"])
    }

    @Test("errors name the operation, the path and the reason")
    func errors() throws {
        let missing = #expect(throws: DurableError.self) { try disk.open("/nonexistent/file", .read) }
        #expect(missing?.description == "open /nonexistent/file: no such file or directory")
        let directory = try TemporaryDirectory()
        _ = try disk.open(directory.file("a"), .createNew)
        let taken = #expect(throws: DurableError.self) { try disk.open(directory.file("a"), .createNew) }
        #expect(taken?.code == .exists)
        let large = #expect(throws: DurableError.self) {
            try disk.open(directory.file("a"), .readWrite).truncate(to: 10)
            _ = try disk.read(directory.file("a"), limit: 5)
        }
        #expect(large?.code == .tooLarge)
    }

    @Test(
        "the parent and the name of a path",
        arguments: [
            ("/a/b", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a"), ("/a/b/", "/a", "b"), ("/", "/", "/"),
        ])
    func paths(path: String, parent: String, name: String) {
        #expect(FilePath.parent(of: path) == parent)
        #expect(FilePath.name(of: path) == name)
    }

    @Test(
        "a path from the root on has no slashes and dots at its end",
        arguments: [("/a/", "/a"), ("/a/.", "/a"), ("/", "/"), ("/.", "/"), ("/a.", "/a."), ("/a/./", "/a")])
    func absolute(path: String, result: String) {
        #expect(AbsolutePath.of(path) == result)
        #expect(!AbsolutePath.of(".").hasSuffix("."))
    }
}
