import Durable
import MartletCore
import MetricStorage
import Testing

@Suite("Verification of a data directory")
struct DirectoryVerificationTests {
    typealias Fixture = BlockFixture

    private static func filled(_ path: String) throws -> [BlockMeta] {
        let fixture = try StoreFixture(path)
        try Fixture.fill(fixture, Fixture.labels(8), from: Fixture.start, to: Fixture.start + 6 * Fixture.hour)
        try fixture.store.delete(
            matching: [[Matcher(equal: "id", "1")]], minTime: Fixture.start, maxTime: Fixture.start + Fixture.hour)
        try fixture.store.close()
        return fixture.store.blocks
    }

    private static func problems(_ path: String) throws -> [DirectoryVerification.Problem] {
        var problems: [DirectoryVerification.Problem] = []
        var verification = DirectoryVerification(path)
        try verification.run { problems.append($0) }
        return problems
    }

    @Test("a sound directory has no problems, and everything in it is counted")
    func sound() throws {
        let directory = try TemporaryDirectory()
        let blocks = try Self.filled(directory.path)
        var verification = DirectoryVerification(directory.path)
        try verification.run { Issue.record("\($0)") }
        #expect(verification.counts.blocks == blocks.count)
        #expect(verification.counts.samples == blocks.reduce(0) { $0 + $1.stats.samples })
        #expect(verification.counts.series == 8 * blocks.count)
        #expect(verification.counts.segments > 0 && verification.counts.records > 0)
    }

    @Test("every changed byte of index, chunks and tombstones is found")
    func flips() throws {
        let directory = try TemporaryDirectory()
        let block = try Self.filled(directory.path)[0]
        var random = SplitMix64(seed: 11)
        for file in ["index", "chunks/000001", "tombstones"] {
            let path = directory.file("\(block.id)/\(file)")
            let original = try DiskFileSystem().read(path, limit: 1 << 24)
            for _ in 0..<60 {
                var bytes = original
                let place = Int(random.next() % UInt64(bytes.count))
                // The header's reserved bytes and the alignment's padding mean nothing.
                if file == "chunks/000001", (5..<8).contains(place) { continue }
                if file == "index", bytes[place] == 0 { continue }
                bytes[place] ^= UInt8(1 << (random.next() % 8))
                try DiskFileSystem().open(path, .truncate).write(bytes, at: 0)
                #expect(try !Self.problems(directory.path).isEmpty, "\(file) at \(place)")
            }
            try DiskFileSystem().open(path, .truncate).write(original, at: 0)
        }
        #expect(try Self.problems(directory.path).isEmpty)
    }

    @Test("every changed byte of a file of head chunks is found, and one that is missing among them")
    func headChunks() throws {
        let directory = try TemporaryDirectory()
        do {
            var options = MetricStore.Options()
            options.headChunkBytes = 4096
            let fixture = try StoreFixture(directory.path, options: options)
            let time = MetricStoreTests.now
            var source = HistogramSource(.integer)
            for step in 0..<400 {
                try fixture.append("m", time + Int64(step) * 15_000, Double(step) * 1.1)
                try fixture.append("h", time + Int64(step) * 15_000, source.next())
            }
            try fixture.store.close()
        }
        var verification = DirectoryVerification(directory.path)
        try verification.run { Issue.record("\($0)") }
        #expect(verification.counts.headChunks > 4)
        let files = try DiskFileSystem().list(directory.file("chunks_head")).sorted()
        #expect(files.count > 2)
        let path = directory.file("chunks_head/\(files[1])")
        let original = try DiskFileSystem().read(path, limit: 1 << 24)
        var random = SplitMix64(seed: 12)
        for _ in 0..<60 {
            var bytes = original
            let place = Int(random.next() % UInt64(bytes.count))
            // The header's reserved bytes mean nothing.
            if (5..<8).contains(place) { continue }
            bytes[place] ^= UInt8(1 << (random.next() % 8))
            try DiskFileSystem().open(path, .truncate).write(bytes, at: 0)
            #expect(try !Self.problems(directory.path).isEmpty, "at \(place)")
        }
        try DiskFileSystem().unlink(path)
        #expect(try Self.problems(directory.path).map(\.description).contains { $0.contains("is missing") })
    }

    @Test(
        "a description that tells of other counts, bytes behind the last chunk and a damaged log are named with their file"
    )
    func named() throws {
        let directory = try TemporaryDirectory()
        let block = try Self.filled(directory.path)[0]
        var meta = block
        meta.stats.series += 1
        try meta.publish(in: directory.file("\(block.id)"), on: DiskFileSystem())
        let segment = try DiskFileSystem().open(directory.file("\(block.id)/chunks/000001"), .readWrite)
        try segment.write([1, 2, 3], at: try segment.size())
        let log = directory.file("wal")
        let name = try #require(try DiskFileSystem().list(log).first { !$0.contains("checkpoint") })
        let file = try DiskFileSystem().open(FilePath.join(log, name), .readWrite)
        try file.write([0xFF], at: 9)
        let found = try Self.problems(directory.path).map(\.description)
        #expect(found.contains { $0.contains("meta.json: it tells of 9 series, there are 8") })
        #expect(found.contains { $0.contains("chunks/000001: 3 bytes from offset") })
        #expect(found.contains { $0.contains("wal/\(name): at offset 0") })
    }

    @Test("a missing file and a missing segment of the log are named")
    func missing() throws {
        let directory = try TemporaryDirectory()
        let block = try Self.filled(directory.path)[0]
        try DiskFileSystem().unlink(directory.file("\(block.id)/index"))
        try DiskFileSystem().open(directory.file("wal/00000900"), .create).write([0], at: 0)
        let found = try Self.problems(directory.path).map(\.description)
        #expect(found.contains { $0.contains("\(block.id)/index") })
        #expect(found.contains { $0.contains("is missing") && $0.contains("wal") })
    }
}
