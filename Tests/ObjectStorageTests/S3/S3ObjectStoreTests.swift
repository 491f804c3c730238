import Durable
import MartletCore
import ObjectStorage
import Testing

@Suite("Objects in a bucket that speaks S3's protocol")
struct S3ObjectStoreTests {
    private static func failure<Result>(_ body: () async throws(ObjectError) -> Result) async -> ObjectError? {
        do throws(ObjectError) {
            _ = try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test("what was put is listed over many pages, read whole and in parts, and removed")
    func roundTrip() async throws {
        let bucket = try await FakeS3()
        let store = bucket.store()
        for number in 0..<5 { try await store.put("a/\(number)", [UInt8(number), 1, 2]) }
        bucket.state.withLock { $0.pageSize = 2 }
        #expect(try await store.list(prefix: "a/") == (0..<5).map { ObjectInfo(key: "a/\($0)", size: 3) })
        #expect(try await store.list(prefix: "b").isEmpty)
        #expect(try await store.get("a/3", range: nil, limit: 3) == [3, 1, 2])
        #expect(try await store.get("a/3", range: 1..<3, limit: 2) == [1, 2])
        try await store.delete("a/3")
        #expect(
            await Self.failure { () async throws(ObjectError) in try await store.get("a/3", range: nil, limit: 9) }?
                .code == .notFound)
        try await bucket.stop()
    }

    @Test("a large file goes in parts, and comes back whole")
    func parts() async throws {
        let directory = try TemporaryDirectory()
        let bytes = (0..<10_500).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try DiskFileSystem().open(directory.file("f"), .create).write(bytes, at: 0)
        let bucket = try await FakeS3()
        let store = bucket.store(partSize: 1000)
        try await store.put("large", file: directory.file("f"))
        #expect(bucket.state.withLock { $0.objects["large"] } == bytes)
        #expect(bucket.state.withLock { $0.parts.count } == 11)
        // A part that cannot be sent ends the upload, of which nothing is left.
        bucket.state.withLock { $0.faults = [.status(403, "AccessDenied")] }
        #expect(
            await Self.failure { () async throws(ObjectError) in try await store.put("other", file: directory.file("f"))
            }?.code == .denied)
        bucket.state.withLock { $0.requests = [] }
        let faults: [FakeS3.Fault] = Array(repeating: .status(500, "InternalError"), count: 4)
        try await store.put("small", [1])
        bucket.state.withLock { $0.faults = faults }
        #expect(
            await Self.failure { () async throws(ObjectError) in try await store.put("small", [2]) }?.code
                == .unavailable)
        #expect(bucket.state.withLock { $0.objects["small"] } == [1])
        #expect(bucket.state.withLock { $0.uploads.isEmpty })
        try await bucket.stop()
    }

    @Test(
        "a store that answers 500, asks for patience, or says nothing is asked again; then it is an error with the reason"
    )
    func retries() async throws {
        let bucket = try await FakeS3()
        bucket.state.withLock { $0.faults = [.status(500, "InternalError"), .silence, .status(503, "SlowDown")] }
        // A busy machine may miss the patience more than once.
        try await bucket.store(attempts: 50, timeout: .milliseconds(200)).put("a", [1])
        #expect(bucket.state.withLock { $0.requests.count } >= 4)
        #expect(bucket.state.withLock { $0.objects["a"] } == [1])
        let store = bucket.store()
        bucket.state.withLock { $0.requests = [] }
        bucket.state.withLock { $0.faults = Array(repeating: .status(503, "SlowDown"), count: 9) }
        let failure = await Self.failure { () async throws(ObjectError) in
            try await store.get("a", range: nil, limit: 9)
        }
        #expect(failure?.code == .unavailable)
        #expect(failure?.description == "get a: status 503: SlowDown: told & done")
        #expect(bucket.state.withLock { $0.requests.count } == 4)
        try await bucket.stop()
    }

    @Test("what will not be better next time is not tried again")
    func refusals() async throws {
        let bucket = try await FakeS3()
        let store = bucket.store()
        for (status, code) in [(403, ObjectError.Code.denied), (404, .notFound), (400, .refused)] {
            bucket.state.withLock { $0.faults = [.status(status, "Reason")] }
            #expect(await Self.failure { () async throws(ObjectError) in try await store.put("a", [1]) }?.code == code)
        }
        #expect(bucket.state.withLock { $0.requests.count } == 3)
        try await store.put("a", [1, 2, 3])
        #expect(
            await Self.failure { () async throws(ObjectError) in try await store.get("a", range: nil, limit: 2) }?.code
                == .tooLarge)
        // A bucket that gives less than asked for.
        #expect(
            await Self.failure { () async throws(ObjectError) in try await store.get("a", range: 1..<9, limit: 9) }?
                .code == .refused)
        try await bucket.stop()
    }
}
