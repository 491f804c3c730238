import Durable
import MartletCore
import ObjectStorage
import SealedObjects
import Testing

@Suite("What a writer does with the bucket")
struct BucketWriterTests {
    private let fixture: SealedFixture
    private let noon: Int64 = 1_767_268_800_000

    init() throws { fixture = try SealedFixture() }

    private func bytes(_ seed: UInt8, _ count: Int = 1000) -> [UInt8] { (0..<count).map { seed &+ UInt8($0 % 251) } }

    /// A second of the day, as Unix seconds.
    private func at(_ second: Int64) -> Int64 { noon / 1000 + second }

    @Test("sealed files are objects under the contract's names, found and read by others")
    func upload() async throws {
        try fixture.store.seal("a", 0...0, seconds: at(0)...at(1), bytes(1))
        try fixture.store.seal("b", 4...7, seconds: at(0)...at(2), bytes(2))
        try await fixture.writer().round(nowMs: noon + 5000)
        let keys = try await fixture.objects()
        #expect(keys.count == 2)
        for (key, tenant) in zip(keys, ["a", "b"]) {
            let parts = key.split(separator: "/").map(String.init)
            #expect(parts.count == 5)
            #expect(parts[..<3] == [tenant, "logs", "2026-01-01"])
            #expect(parts[4].hasPrefix("000000000001-"))
        }
        let reader = try fixture.reader()
        try await reader.refresh()
        #expect(reader.tenants == ["a", "b"])
        #expect(try await fixture.contents(reader, "a") == [0: bytes(1)])
        #expect(try await fixture.contents(reader, "b") == [4: bytes(2)])
    }

    @Test("a round with nothing new writes nothing, and the next process goes on where the last one ended")
    func resume() async throws {
        try fixture.store.seal("a", 0...0, seconds: at(0)...at(1), bytes(1))
        let writer = try fixture.writer()
        try await writer.round(nowMs: noon + 5000)
        fixture.bucket.set(nil)
        try await writer.round(nowMs: noon + 6000)
        #expect(!fixture.bucket.calls.contains { $0.hasPrefix("put") })
        let next = try fixture.writer()
        try await next.round(nowMs: noon + 7000)
        #expect(!fixture.bucket.calls.contains { $0.hasPrefix("put") })
        #expect(next.progress.live == 1)
    }

    @Test("a merged file takes the place of what it was made from at once; the old objects go after the grace")
    func merge() async throws {
        for segment in 0..<3 {
            let second = at(Int64(segment))
            try fixture.store.seal("a", segment...segment, seconds: second...second, bytes(UInt8(segment)))
        }
        let writer = try fixture.writer()
        try await writer.round(nowMs: noon + 5000)
        try fixture.store.drop("a", 0...1)
        try fixture.store.seal("a", 0...1, seconds: at(0)...at(1), bytes(9))
        try await writer.round(nowMs: noon + 6000)
        let reader = try fixture.reader()
        try await reader.refresh()
        #expect(try await fixture.contents(reader) == [0: bytes(9), 2: bytes(2)])
        #expect(try await fixture.objects().count == 4)
        try await writer.round(nowMs: noon + 6000 + 99_000)
        #expect(try await fixture.objects().count == 4)
        try await writer.round(nowMs: noon + 6000 + 100_000)
        #expect(try await fixture.objects().count == 2)
        try await reader.refresh()
        #expect(try await fixture.contents(reader) == [0: bytes(9), 2: bytes(2)])
    }

    @Test("a file that was written again takes the place of what it was, once")
    func revision() async throws {
        try fixture.store.seal("a", 0...0, seconds: at(0)...at(1), bytes(1))
        try await fixture.writer().round(nowMs: noon + 5000)
        try fixture.store.drop("a", 0...0)
        try fixture.store.seal("a", 0...0, revision: 1, seconds: at(0)...at(1), bytes(9, 900))
        try await fixture.writer().round(nowMs: noon + 6000)
        let reader = try fixture.reader()
        try await reader.refresh()
        #expect(try await fixture.contents(reader) == [0: bytes(9, 900)])
        #expect(try await fixture.objects().count == 2)
        fixture.bucket.set(nil)
        let next = try fixture.writer()
        try await next.round(nowMs: noon + 7000)
        #expect(!fixture.bucket.calls.contains { $0.hasPrefix("put") })
        try await next.round(nowMs: noon + 106_000)
        #expect(try await fixture.objects().count == 1)
    }

    @Test("what is written again, or goes, while it is uploaded is never read there")
    func replacedMeanwhile() async throws {
        let store = fixture.store
        try store.seal("a", 0...0, seconds: at(0)...at(1), bytes(1))
        try store.seal("a", 1...1, seconds: at(2)...at(3), bytes(2))
        let again = at(0)...at(1)
        let fresh = bytes(9)
        fixture.bucket.interrupt {
            try store.drop("a", 0...0)
            try store.seal("a", 0...0, revision: 1, seconds: again, fresh)
            try store.lose("a", 1...1)
        }
        let writer = try fixture.writer()
        try await writer.round(nowMs: noon + 5000)
        let reader = try fixture.reader()
        try await reader.refresh()
        #expect(try await fixture.contents(reader).isEmpty)
        try await writer.round(nowMs: noon + 6000)
        try await reader.refresh()
        #expect(try await fixture.contents(reader) == [0: bytes(9)])
        try await writer.round(nowMs: noon + 200_000)
        #expect(try await fixture.objects().count == 1)
    }

    @Test("objects of files of which nothing is left are not read any more, and go after the grace")
    func gone() async throws {
        try fixture.store.seal("a", 0...0, seconds: at(0)...at(1), bytes(1))
        try fixture.store.seal("a", 1...1, seconds: at(2)...at(3), bytes(2))
        let writer = try fixture.writer()
        try await writer.round(nowMs: noon + 5000)
        try fixture.store.lose("a", 0...0)
        fixture.bucket.set(.prefix("~manifests/"))
        await #expect(throws: ObjectError.self) { try await writer.round(nowMs: noon + 6000) }
        #expect(fixture.store.sealed(now: 0)["a"]?.gone.count == 1)
        fixture.bucket.set(nil)
        try await writer.round(nowMs: noon + 7000)
        #expect(fixture.store.sealed(now: 0)["a"]?.gone == [])
        let reader = try fixture.reader()
        try await reader.refresh()
        #expect(try await fixture.contents(reader) == [1: bytes(2)])
        try await writer.round(nowMs: noon + 107_000)
        #expect(try await fixture.objects().count == 1)
    }

    @Test("where age counts from own times, what came late is no younger")
    func ownTimes() async throws {
        try fixture.store.seal("a", 0...0, seconds: at(0)...at(1), times: at(-100)...at(-90), bytes(1))
        try fixture.store.seal("a", 1...1, seconds: at(2)...at(3), times: at(2)...at(900), bytes(2))
        let writer = try fixture.writer {
            $0.retention = .seconds(200)
            $0.age = .ownTime
        }
        let reader = try fixture.reader()
        try await writer.round(nowMs: noon + 5000)
        try await reader.refresh()
        #expect(try await fixture.contents(reader) == [0: bytes(1), 1: bytes(2)])
        try await writer.round(nowMs: noon + 120_000)
        try await reader.refresh()
        #expect(try await fixture.contents(reader) == [1: bytes(2)])
        try await writer.round(nowMs: noon + 210_000)
        try await reader.refresh()
        #expect(try await fixture.contents(reader).isEmpty, "it counts from when they came where that is earlier")
    }

    @Test("objects past retention are not read any more, and go after the grace")
    func retention() async throws {
        try fixture.store.seal("a", 0...0, seconds: at(0)...at(1), bytes(1))
        try fixture.store.seal("a", 1...1, seconds: at(50)...at(60), bytes(2))
        let writer = try fixture.writer { $0.retention = .seconds(60) }
        try await writer.round(nowMs: noon + 60_000)
        try fixture.store.drop("a", 0...0)
        try await writer.round(nowMs: noon + 62_000)
        let reader = try fixture.reader()
        try await reader.refresh()
        #expect(try await fixture.contents(reader) == [1: bytes(2)])
        #expect(try await fixture.objects().count == 2)
        try await writer.round(nowMs: noon + 115_000)
        try await writer.round(nowMs: noon + 162_000)
        #expect(try await fixture.objects().count == 1)
    }

    @Test("files leave the disk once the bucket has them and they are old enough; the newest stays")
    func localRetention() async throws {
        for segment in 0..<3 {
            let second = at(Int64(segment) * 10)
            try fixture.store.seal("a", segment...segment, seconds: second...second, bytes(UInt8(segment)))
        }
        let own = try fixture.reader("own")
        let writer = try fixture.writer(own) { $0.localRetention = .seconds(30) }
        fixture.bucket.set(.prefix("~manifests/"))
        await #expect(throws: ObjectError.self) { try await writer.round(nowMs: noon + 100_000) }
        #expect(fixture.store.segments("a") == [0...0, 1...1, 2...2])
        fixture.bucket.set(nil)
        try await writer.round(nowMs: noon + 35_000)
        #expect(fixture.store.segments("a") == [1...1, 2...2])
        try await writer.round(nowMs: noon + 100_000)
        #expect(fixture.store.segments("a") == [2...2])
        #expect(try await fixture.contents(own) == [0: bytes(0), 1: bytes(1), 2: bytes(2)])
        // What is here is not looked for there.
        let held = SealedSpan(
            segments: 2...2, arrivals: FixtureStore.nanoseconds(at(20))...FixtureStore.nanoseconds(at(20)))
        let beside = try own.files(of: "a", overlapping: .min ... .max, beside: [held])
        #expect(beside.map(\.span.segments) == [0...0, 1...1])
    }

    @Test("a death after any call leaves nothing lost, nothing twice and, after the grace, nothing unnamed")
    func deaths() async throws {
        for step in 0..<20 {
            let fixture = try SealedFixture()
            let first = try fixture.writer()
            try fixture.store.seal("a", 0...0, seconds: at(0)...at(0), bytes(1))
            try fixture.store.seal("a", 1...1, seconds: at(1)...at(1), bytes(2))
            try await first.round(nowMs: noon + 1000)
            try fixture.store.drop("a", 0...1)
            try fixture.store.seal("a", 0...1, seconds: at(0)...at(1), bytes(3))
            try fixture.store.seal("a", 2...2, seconds: at(2)...at(2), bytes(4))
            fixture.bucket.set(.after(step))
            // Whether it fails depends on the step; what follows must hold either way.
            try? await first.round(nowMs: noon + 2000)
            fixture.bucket.set(nil)
            let reader = try fixture.reader()
            try await reader.refresh()
            let seen = try await fixture.contents(reader)
            #expect(seen == [0: bytes(1), 1: bytes(2)] || seen == [0: bytes(3), 2: bytes(4)], "step \(step)")
            let second = try fixture.writer()
            try await second.round(nowMs: noon + 3000)
            try await reader.refresh()
            #expect(try await fixture.contents(reader) == [0: bytes(3), 2: bytes(4)], "step \(step)")
            try await second.round(nowMs: noon + 200_000)
            #expect(try await fixture.objects().count == 2, "step \(step)")
        }
    }

    @Test("what was uploaded before a failure is named, and not uploaded again")
    func partOfABatch() async throws {
        try fixture.store.seal("a", 0...0, seconds: at(0)...at(0), bytes(1))
        try fixture.store.seal("b", 0...0, seconds: at(1)...at(1), bytes(2))
        let writer = try fixture.writer()
        fixture.bucket.set(.prefix("b/"))
        await #expect(throws: ObjectError.self) { try await writer.round(nowMs: noon + 1000) }
        #expect(try await fixture.objects().count == 1)
        fixture.bucket.set(nil)
        try await writer.round(nowMs: noon + 2000)
        #expect(fixture.bucket.calls.filter { $0.hasPrefix("put a/") || $0.hasPrefix("put b/") }.count == 1)
    }

    @Test("what no manifest could name is named by the next one, and not uploaded again")
    func unnamed() async throws {
        try fixture.store.seal("a", 0...0, seconds: at(0)...at(0), bytes(1))
        let writer = try fixture.writer()
        fixture.bucket.set(.operation("put", prefix: "~manifests/"))
        for round in 1...3 as ClosedRange<Int64> {
            await #expect(throws: ObjectError.self) { try await writer.round(nowMs: noon + 1000 * round) }
        }
        try fixture.store.seal("a", 1...1, seconds: at(1)...at(1), bytes(2))
        fixture.bucket.set(nil)
        try await writer.round(nowMs: noon + 5000)
        #expect(fixture.bucket.calls.filter { $0.hasPrefix("put a/") }.count == 1)
        try await writer.round(nowMs: noon + 200_000)
        let reader = try fixture.reader()
        try await reader.refresh()
        #expect(try await fixture.contents(reader) == [0: bytes(1), 1: bytes(2)])
        #expect(try await fixture.objects().count == 2)
    }

    @Test("what was uploaded in vain and was merged meanwhile is never read, and goes after the grace")
    func unnamedAndMerged() async throws {
        for segment in 0..<2 {
            let second = at(Int64(segment))
            try fixture.store.seal("a", segment...segment, seconds: second...second, bytes(UInt8(segment)))
        }
        let writer = try fixture.writer()
        fixture.bucket.set(.operation("put", prefix: "~manifests/"))
        await #expect(throws: ObjectError.self) { try await writer.round(nowMs: noon + 1000) }
        try fixture.store.drop("a", 0...1)
        try fixture.store.seal("a", 0...1, seconds: at(0)...at(1), bytes(9))
        fixture.bucket.set(nil)
        try await writer.round(nowMs: noon + 2000)
        let reader = try fixture.reader()
        try await reader.refresh()
        #expect(try await fixture.contents(reader) == [0: bytes(9)])
        try await writer.round(nowMs: noon + 200_000)
        #expect(try await fixture.objects().count == 1)
    }

    @Test("who may not remove objects uploads and publishes all the same")
    func undeletable() async throws {
        try fixture.store.seal("a", 0...0, seconds: at(0)...at(0), bytes(1))
        let writer = try fixture.writer()
        try await writer.round(nowMs: noon + 1000)
        try fixture.store.lose("a", 0...0)
        try await writer.round(nowMs: noon + 2000)
        try fixture.store.seal("a", 1...1, seconds: at(1)...at(1), bytes(2))
        fixture.bucket.set(.operation("delete", prefix: "a/"))
        await #expect(throws: ObjectError.self) { try await writer.round(nowMs: noon + 200_000) }
        let reader = try fixture.reader()
        try await reader.refresh()
        #expect(try await fixture.contents(reader) == [1: bytes(2)])
        fixture.bucket.set(nil)
        try await writer.round(nowMs: noon + 201_000)
        #expect(try await fixture.objects().count == 1)
    }

    @Test("without a grace objects stay until the manifest is published that does not name them any more")
    func noGrace() async throws {
        try fixture.store.seal("a", 0...0, seconds: at(0)...at(0), bytes(1))
        let writer = try fixture.writer { $0.grace = .zero }
        try await writer.round(nowMs: noon + 1000)
        try fixture.store.lose("a", 0...0)
        fixture.bucket.set(.operation("put", prefix: "~manifests/"))
        await #expect(throws: ObjectError.self) { try await writer.round(nowMs: noon + 2000) }
        let reader = try fixture.reader()
        try await reader.refresh()
        #expect(try await fixture.contents(reader) == [0: bytes(1)])
        fixture.bucket.set(nil)
        try await writer.round(nowMs: noon + 3000)
        try await writer.round(nowMs: noon + 4000)
        #expect(try await fixture.objects().isEmpty)
    }

    @Test("a file that cannot be read as it was keeps no other from being uploaded, and is an error")
    func unreadable() async throws {
        try fixture.store.seal("a", 0...0, seconds: at(0)...at(0), bytes(1))
        try fixture.store.seal("a", 1...1, seconds: at(1)...at(1), bytes(2))
        let path = try #require(fixture.store.sealed(now: 0)["a"]?.files.first?.path)
        try AtomicFile.publish(path, [1, 2, 3])
        let writer = try fixture.writer { $0.batchBytes = 1 }
        let error = await #expect(throws: DurableError.self) { try await writer.round(nowMs: noon + 1000) }
        #expect(error?.path == path)
        let reader = try fixture.reader()
        try await reader.refresh()
        #expect(try await fixture.contents(reader) == [1: bytes(2)])
        try AtomicFile.publish(path, bytes(1))
        try await writer.round(nowMs: noon + 2000)
        try await reader.refresh()
        #expect(try await fixture.contents(reader) == [0: bytes(1), 1: bytes(2)])
    }

    @Test("however long the bucket is out of order, a round leaves one name to be remembered at most")
    func outage() async throws {
        for segment in 0..<20 {
            let second = at(Int64(segment))
            try fixture.store.seal("a", segment...segment, seconds: second...second, bytes(1))
        }
        let writer = try fixture.writer()
        fixture.bucket.set(.prefix("a/"))
        for round in 1...5 as ClosedRange<Int64> {
            await #expect(throws: ObjectError.self) { try await writer.round(nowMs: noon + round) }
        }
        fixture.bucket.set(nil)
        try await writer.round(nowMs: noon + 10)
        let reader = try fixture.reader()
        try await reader.refresh()
        #expect(try await fixture.contents(reader).count == 20)
        #expect(try await fixture.objects().count == 20)
        // The names of what may have come into the bucket are gone through after the grace, and nothing else is.
        fixture.bucket.set(nil)
        try await writer.round(nowMs: noon + 200_000)
        #expect(fixture.bucket.calls.filter { $0.hasPrefix("delete a/") }.count == 5)
    }

    @Test("old manifests are cleared away")
    func manifests() async throws {
        let writer = try fixture.writer()
        for segment in 0..<9 {
            let second = at(Int64(segment))
            try fixture.store.seal("a", segment...segment, seconds: second...second, bytes(1))
            try await writer.round(nowMs: noon + Int64(segment))
        }
        #expect(try await fixture.bucket.list(prefix: "~manifests/logs/").count == 4)
    }

    @Test("of two processes under one name the one that finds the other's manifest writes nothing more")
    func conflict() async throws {
        try fixture.store.seal("a", 0...0, seconds: at(0)...at(0), bytes(1))
        let first = try fixture.writer()
        try await first.round(nowMs: noon + 1000)
        // A copy of the data directory, on another machine.
        let files = DiskFileSystem()
        try files.makeDirectories(fixture.directory.file("copy"))
        for name in ["writer.json", "manifest"] {
            let content = try files.read(fixture.directory.file("writer/\(name)"), limit: 1 << 20)
            try AtomicFile.publish(fixture.directory.file("copy/\(name)"), content)
        }
        let second = try fixture.writer(in: "copy")
        try await second.round(nowMs: noon + 1500)
        try fixture.store.seal("a", 1...1, seconds: at(1)...at(1), bytes(2))
        try await first.round(nowMs: noon + 2000)
        await #expect(throws: BucketWriter.Conflict.self) { try await second.round(nowMs: noon + 3000) }
        await second.roundOrReport()
        #expect(second.progress.isInConflict)
        #expect(try await fixture.objects().count == 2, "it uploads nothing that no manifest would name")
        try fixture.store.seal("a", 2...2, seconds: at(2)...at(2), bytes(3))
        try await first.round(nowMs: noon + 4000)
        #expect(first.progress.live == 3)
    }

    @Test("a bucket that was emptied gets everything that is here again")
    func emptied() async throws {
        try fixture.store.seal("a", 0...0, seconds: at(0)...at(0), bytes(1))
        try await fixture.writer().round(nowMs: noon + 1000)
        for object in try await fixture.bucket.list(prefix: "") { try await fixture.bucket.delete(object.key) }
        try await fixture.writer().round(nowMs: noon + 2000)
        let reader = try fixture.reader()
        try await reader.refresh()
        #expect(try await fixture.contents(reader) == [0: bytes(1)])
    }
}
