import Durable
import ObjectStorage
import Service
import Testing

@Suite("Objects in a directory")
struct DirectoryObjectStoreTests {
    private static func code<Result>(
        _ body: () async throws(ObjectError) -> Result
    ) async -> ObjectError.Code? {
        do throws(ObjectError) {
            _ = try await body()
            return nil
        } catch {
            return error.code
        }
    }

    @Test("what was put is listed, read whole and in parts, replaced and removed")
    func roundTrip() async throws {
        let directory = try TemporaryDirectory()
        let store = DirectoryObjectStore(directory.file("bucket"), blocking: BlockingPool(threads: 1))
        #expect(try await store.list(prefix: "").isEmpty)
        try await store.put("a/b/c", [1, 2, 3])
        try await store.put("a/d", [4])
        let source = directory.file("source")
        try DiskFileSystem().open(source, .create).write([5, 6, 7, 8], at: 0)
        try await store.put("e", file: source)
        #expect(
            try await store.list(prefix: "")
                == [ObjectInfo(key: "a/b/c", size: 3), ObjectInfo(key: "a/d", size: 1), ObjectInfo(key: "e", size: 4)])
        #expect(try await store.list(prefix: "a/b").map(\.key) == ["a/b/c"])
        #expect(try await store.exists("a/d"))
        #expect(try await !store.exists("a"))
        #expect(try await store.get("e", range: nil, limit: 4) == [5, 6, 7, 8])
        #expect(try await store.get("e", range: 1..<3, limit: 2) == [6, 7])
        try await store.put("a/d", [9])
        #expect(try await store.get("a/d", range: nil, limit: 9) == [9])
        try await store.delete("a/b/c")
        try await store.delete("a/b/c")
        #expect(try DiskFileSystem().list(directory.file("bucket/a")) == ["d"])
    }

    @Test("what an upload that was cut short has left goes with the object")
    func cutShort() async throws {
        let directory = try TemporaryDirectory()
        let store = DirectoryObjectStore(directory.file("bucket"), blocking: BlockingPool(threads: 1))
        try await store.put("a/b", [1])
        try DiskFileSystem().rename(directory.file("bucket/a/b"), to: directory.file("bucket/a/b.tmp"))
        #expect(try await store.list(prefix: "").isEmpty)
        try await store.delete("a/b")
        #expect(try DiskFileSystem().list(directory.file("bucket")).isEmpty)
    }

    @Test("errors tell what a caller can do")
    func errors() async throws {
        let directory = try TemporaryDirectory()
        let store = DirectoryObjectStore(directory.path, blocking: BlockingPool(threads: 1))
        try await store.put("a", [1, 2, 3])
        #expect(
            await Self.code { () async throws(ObjectError) in try await store.get("b", range: nil, limit: 9) }
                == .notFound)
        #expect(
            await Self.code { () async throws(ObjectError) in try await store.get("a", range: nil, limit: 2) }
                == .tooLarge)
        #expect(
            await Self.code { () async throws(ObjectError) in try await store.get("a", range: 1..<4, limit: 9) }
                == .refused)
        for key in ["../a", "", "x//y", "./a"] {
            #expect(await Self.code { () async throws(ObjectError) in try await store.put(key, []) } == .refused)
        }
    }

    @Test("a prefix is put before all names, and taken from those of a listing")
    func prefixed() async throws {
        let directory = try TemporaryDirectory()
        let base = DirectoryObjectStore(directory.path, blocking: BlockingPool(threads: 1))
        let store = PrefixedObjectStore(base, prefix: "tenant/metrics")
        try await store.put("x/y", [1])
        #expect(try await base.list(prefix: "").map(\.key) == ["tenant/metrics/x/y"])
        #expect(try await store.list(prefix: "x").map(\.key) == ["x/y"])
        #expect(try await store.get("x/y", range: nil, limit: 1) == [1])
        try await store.delete("x/y")
        #expect(try await base.list(prefix: "").isEmpty)
    }
}
