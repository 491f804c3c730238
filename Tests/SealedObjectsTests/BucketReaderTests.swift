import Durable
import MartletCore
import ObjectStorage
import SealedObjects
import Service
import Testing

@Suite("What a reader finds in the bucket")
struct BucketReaderTests {
    private let fixture: SealedFixture
    private let content = (0..<700_000).map { UInt8($0 % 253) }

    init() throws {
        fixture = try SealedFixture()
    }

    private func uploaded() async throws {
        try fixture.store.seal("a", 0...0, seconds: 10...20, content)
        try await fixture.writer().round(nowMs: 30_000)
    }

    private func file(_ reader: BucketReader) throws -> HistoryFile {
        try #require(try reader.files(of: "a", overlapping: .min ... .max, beside: []).first)
    }

    @Test("any range of an object can be read, and is fetched once")
    func ranges() async throws {
        try await uploaded()
        let reader = try fixture.reader()
        try await reader.refresh()
        let file = try file(reader).file
        fixture.bucket.set(nil)
        for (offset, count) in [(0, 1), (131_071, 2), (131_000, 300_000), (699_999, 1), (699_990, 100), (700_000, 5)] {
            let wanted = Array(content[offset..<min(content.count, offset + count)])
            #expect(try await fixture.pool.run { try file.read(count: count, at: Int64(offset)) } == wanted)
        }
        let fetched = fixture.bucket.calls.filter { $0.hasPrefix("get") }.count
        _ = try await fixture.pool.run { try file.read(count: 400_000, at: 0) }
        #expect(fixture.bucket.calls.filter { $0.hasPrefix("get") }.count == fetched)
    }

    @Test("what is there beside this process' files is told by times, but not before the bucket was looked at")
    func hasMore() async throws {
        let own = try fixture.reader("own")
        try fixture.store.seal("a", 0...0, seconds: 10...20, content)
        try await fixture.writer(own).round(nowMs: 30_000)
        let files = try #require(fixture.store.sealed(now: 0)["a"]?.files)
        let second: Int64 = 1_000_000_000
        #expect(own.hasMore(of: "a", in: 0...second, than: Set(files.map(\.span))))
        try await own.refresh()
        #expect(!own.hasMore(of: "a", in: 0 ... .max, than: Set(files.map(\.span))))
        #expect(own.hasMore(of: "a", in: 0 ... .max, than: []))
        #expect(own.hasMore(of: "a", in: 20 * second...30 * second, than: []))
        #expect(!own.hasMore(of: "a", in: 21 * second...30 * second, than: []))
        #expect(!own.hasMore(of: "b", in: 0 ... .max, than: []))
        let other = try fixture.reader()
        try await other.refresh()
        #expect(
            other.hasMore(of: "a", in: 0 ... .max, than: Set(files.map(\.span))), "the files of another are not its own"
        )
    }

    @Test("files that were not read for long make room for others")
    func eviction() async throws {
        for segment in 0..<5 {
            let seconds = Int64(segment)...Int64(segment)
            try fixture.store.seal(
                "a", segment...segment, seconds: seconds, [UInt8](repeating: UInt8(segment), count: 200_000))
        }
        try await fixture.writer().round(nowMs: 30_000)
        let cache = try ObjectCache(fixture.directory.file("small"), store: fixture.bucket, limit: 600_000)
        let reader = BucketReader(
            fixture.bucket, signal: "logs", cache: cache, interval: .seconds(1), logger: SealedFixture.quiet)
        try await reader.refresh()
        for _ in 0..<2 { #expect(try await fixture.contents(reader).count == 5) }
        #expect(cache.byteCount <= 600_000)
        #expect(cache.byteCount > 0)
        #expect(try DiskFileSystem().list(fixture.directory.file("small")).count == cache.objectCount)
    }

    @Test("a bucket out of order is an error that names the object, and does not hold up a reader for long")
    func faults() async throws {
        try await uploaded()
        let reader = try fixture.reader(patience: .milliseconds(50))
        try await reader.refresh()
        let found = try file(reader)
        for fault in [FaultyStore.Fault.after(0), .hang] {
            fixture.bucket.set(fault)
            let error = await #expect(throws: DurableError.self) {
                _ = try await fixture.pool.run { try found.file.read(count: 10, at: 0) }
            }
            #expect(error?.path == "faulty/" + found.key)
            let prepared = await #expect(throws: DurableError.self) {
                try await fixture.pool.run { try reader.prepareEnds(of: [found], bytes: 100) }
            }
            #expect(prepared?.path == "faulty/" + found.key)
        }
        fixture.bucket.set(nil)
        #expect(try await fixture.pool.run { try found.file.read(count: 3, at: 0) } == [0, 1, 2])
    }

    @Test("an object that is gone says so")
    func gone() async throws {
        try await uploaded()
        let reader = try fixture.reader()
        try await reader.refresh()
        let found = try file(reader)
        try await fixture.bucket.delete(found.key)
        let error = await #expect(throws: DurableError.self) {
            _ = try await fixture.pool.run { try found.file.read(count: 10, at: 0) }
        }
        #expect(error?.code == .notFound)
    }

    @Test("an object that comes as a whole has the checksum that the manifest tells, or is an error")
    func checksum() async throws {
        try fixture.store.seal("a", 0...0, seconds: 10...20, Array(content[..<1000]))
        try await fixture.writer().round(nowMs: 30_000)
        let reader = try fixture.reader()
        try await reader.refresh()
        let found = try file(reader)
        try await fixture.bucket.put(found.key, Array(content[1..<1001]))
        let error = await #expect(throws: DurableError.self) {
            _ = try await fixture.pool.run { try found.file.read(count: 10, at: 500) }
        }
        #expect(error?.code == .corrupt)
        #expect(error?.path == "faulty/" + found.key)
    }

    @Test("before the bucket was read nothing is known, which is an error; later what was known is used")
    func unseen() async throws {
        try await uploaded()
        let reader = try fixture.reader()
        fixture.bucket.set(.after(0))
        await reader.refreshOrReport()
        #expect(throws: DurableError.self) { try reader.files(of: "a", overlapping: .min ... .max, beside: []) }
        fixture.bucket.set(nil)
        await reader.refreshOrReport()
        #expect(reader.tenants == ["a"])
        fixture.bucket.set(.after(0))
        await reader.refreshOrReport()
        #expect(reader.tenants == ["a"])
    }

    @Test("a damaged manifest leaves what the writer had before")
    func damagedManifest() async throws {
        try await uploaded()
        let reader = try fixture.reader()
        try await reader.refresh()
        let newest = try #require(try await fixture.bucket.list(prefix: "~manifests/").last?.key)
        let writer = newest.split(separator: "/")[2]
        try await fixture.bucket.put("~manifests/logs/\(writer)/000000000009-00", [1, 2, 3])
        try await reader.refresh()
        #expect(reader.tenants == ["a"])
        let fresh = try fixture.reader("fresh")
        try await fresh.refresh()
        #expect(fresh.tenants == ["a"], "whoever starts then reads the one before")
    }

    @Test("a manifest that lies among those of another writer is not that one's")
    func foreignManifest() async throws {
        try await uploaded()
        let newest = try #require(try await fixture.bucket.list(prefix: "~manifests/").last?.key)
        let bytes = try await fixture.bucket.get(newest, range: nil, limit: 1 << 20)
        try await fixture.bucket.put("~manifests/logs/other/000000000001-00", bytes)
        let reader = try fixture.reader()
        try await reader.refresh()
        #expect(reader.counts.writers == 1)
    }

    @Test("only objects with something in the range are named")
    func ranged() async throws {
        try await uploaded()
        let reader = try fixture.reader()
        try await reader.refresh()
        let second = FixtureStore.nanoseconds(1)
        #expect(try reader.files(of: "a", overlapping: 0...10 * second - 1, beside: []).isEmpty)
        #expect(try reader.files(of: "a", overlapping: 20 * second...30 * second, beside: []).count == 1)
        #expect(try reader.files(of: "b", overlapping: .min ... .max, beside: []).isEmpty)
        #expect(reader.oldestTime(tenant: "a") == 10 * second)
    }
}
