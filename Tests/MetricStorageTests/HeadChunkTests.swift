import Durable
import MartletCore
import MetricStorage
import SampleMath
import Testing

@Suite("Head chunks on disk")
struct HeadChunkTests {
    private static let start = BlockFixture.start
    private static let minute = BlockFixture.minute

    private static func files(_ path: String) throws -> [String] {
        try DiskFileSystem().list(path + "/chunks_head")
    }

    /// Three hours of a sample a minute and series, closed cleanly.
    private static func filled(_ path: String, _ labels: [Labels]) throws -> [String: [Point]] {
        let fixture = try StoreFixture(path)
        for step in 0..<180 {
            let time = start + Int64(step) * minute
            try fixture.append(labels.enumerated().map { ($1, time, BlockFixture.value($0, time)) })
        }
        try fixture.store.close()
        return BlockFixture.expected(labels, from: start, to: start + 180 * minute)
    }

    @Test("full chunks are in a file as Prometheus writes it: header, series, times, encoding, data, checksum")
    func layout() throws {
        let directory = try TemporaryDirectory()
        _ = try Self.filled(directory.path, [Labels([("__name__", "m")])])
        #expect(try Self.files(directory.path) == ["000001"])
        let bytes = try DiskFileSystem().read(directory.file("chunks_head/000001"), limit: 1 << 20)
        #expect(Array(bytes[..<8]) == [0x01, 0x30, 0xBC, 0x91, 1, 0, 0, 0])
        #expect(Array(bytes[8..<16]) == [0, 0, 0, 0, 0, 0, 0, 1])
        func time(_ offset: Int) -> Int64 { bytes[offset..<offset + 8].reduce(0) { $0 << 8 | Int64($1) } }
        #expect(time(16) == Self.start)
        #expect(bytes[32] == 1)
        let length = Int(bytes[33] & 0x7F) | Int(bytes[34]) << 7
        let end = 35 + length
        let samples = Int64(bytes[35]) << 8 | Int64(bytes[36])
        #expect(time(24) == Self.start + (samples - 1) * Self.minute)
        let checksum = bytes[8..<end].withUnsafeBytes { CRC32C.checksum($0) }
        #expect(Array(bytes[end..<end + 4]) == withUnsafeBytes(of: checksum.bigEndian) { Array($0) })
    }

    @Test("the replay passes over samples that head chunks have, and goes on behind them")
    func replay() throws {
        let directory = try TemporaryDirectory()
        let labels = BlockFixture.labels(30)
        var expected = try Self.filled(directory.path, labels)
        for round in 0..<3 {
            let fixture = try StoreFixture(directory.path)
            #expect(try fixture.dump() == expected)
            // What is in head chunks is not counted as replayed.
            #expect(fixture.store.statistics.samplesAppended < 30 * 120)
            let time = Self.start + Int64(180 + round) * Self.minute
            try fixture.append(labels.enumerated().map { ($1, time, BlockFixture.value($0, time)) })
            for (index, series) in labels.enumerated() {
                expected[series.description, default: []].append(Point(time, BlockFixture.value(index, time)))
            }
            #expect(try fixture.dump() == expected)
            try fixture.store.close()
        }
    }

    @Test("the chunk of a series that has fallen silent is closed, and a sample that comes after all begins another")
    func silent() throws {
        let directory = try TemporaryDirectory()
        let seconds: Int64 = 1000
        var expected: [String: [Point]] = [:]
        do {
            let fixture = try StoreFixture(directory.path)
            func append(_ name: String, _ time: Int64) throws {
                try fixture.append(name, time, Double(time))
                expected[name, default: []].append(Point(time, Double(time)))
            }
            for step in 0..<10 {
                let time = Self.start + Int64(step) * 15 * seconds
                try append("short", time)
                if step % 5 == 0 { try append("slow", time) }
            }
            for step in 0..<7 {
                let time = Self.start + Int64(step + 3) * Self.minute
                try append("lasting", time)
                try fixture.store.maintain(nowMs: time)
            }
            // Ten chunks would be one of each maintenance: only that of the silent series was closed, once.
            #expect(fixture.store.statistics.chunks - fixture.store.statistics.series == 1)
            #expect(try fixture.dump() == expected)
            #expect(try fixture.append("short", Self.start + 135 * seconds, 0).rejected.map(\.reason) == [.duplicate])
            try append("short", Self.start + 11 * Self.minute)
            try fixture.store.close()
        }
        let fixture = try StoreFixture(directory.path)
        #expect(try fixture.dump() == expected)
        try fixture.store.close()
    }

    @Test("the last sample of a series is known as a repetition also when it is in a head chunk")
    func repetition() throws {
        let directory = try TemporaryDirectory()
        let labels = [Labels([("__name__", "m")])]
        _ = try Self.filled(directory.path, labels)
        // The log forgets the samples behind the chunk.
        let bytes = try DiskFileSystem().read(directory.file("chunks_head/000001"), limit: 1 << 20)
        func time(_ offset: Int) -> Int64 { bytes[offset..<offset + 8].reduce(0) { $0 << 8 | Int64($1) } }
        let last = time(24)
        try DiskFileSystem().removeTree(directory.file("wal"))
        let log = try RecordLog(directory.file("wal"))
        try log.append([1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 8] + Array("__name__".utf8) + [1] + Array("m".utf8))
        try log.close()
        let fixture = try StoreFixture(directory.path)
        #expect(try fixture.dump()["m"]?.last?.time == last)
        #expect(try fixture.append("m", last, BlockFixture.value(0, last)).rejected.isEmpty)
        #expect(try fixture.append("m", last, -1).rejected.map(\.reason) == [.duplicate])
    }

    @Test("damage of a file costs nothing: it goes with those behind it, and the log has their samples")
    func damage() throws {
        let labels = BlockFixture.labels(10)
        var random = SplitMix64(seed: 4)
        let pristine = try TemporaryDirectory()
        let expected = try Self.filled(pristine.path, labels)
        let disk = DiskFileSystem()
        let chunks = try disk.read(pristine.file("chunks_head/000001"), limit: 1 << 20)
        let log = try disk.read(pristine.file("wal/00000000"), limit: 1 << 20)
        /// Opens a store with these files of head chunks beside the log; gives the names of those that are left.
        func open(_ files: [(name: String, bytes: [UInt8])]) throws -> [String] {
            let directory = try TemporaryDirectory()
            try disk.makeDirectories(directory.file("wal"))
            try disk.makeDirectories(directory.file("chunks_head"))
            try disk.open(directory.file("wal/00000000"), .createNew).write(log, at: 0)
            for file in files {
                try disk.open(directory.file("chunks_head/\(file.name)"), .createNew).write(file.bytes, at: 0)
            }
            #expect(try StoreFixture(directory.path).dump() == expected)
            return try Self.files(directory.path)
        }
        #expect(try open([("000001", chunks)]) == ["000001"])
        for round in 0..<40 {
            var bytes = chunks
            switch round % 4 {
            case 0: bytes.removeLast(1 + Int(random.next() % UInt64(bytes.count)))
            case 1: bytes[Int(random.next() % UInt64(bytes.count))] ^= UInt8(1 + random.next() % 255)
            case 2: bytes = Array(repeating: 0, count: bytes.count)
            default: bytes += (0..<20).map { _ in UInt8(random.next() % 255) + 1 }
            }
            _ = try open([("000001", bytes)])
        }
        // Those behind a damaged or missing one go with it.
        #expect(try open([("000001", Array(chunks.dropLast(3))), ("000002", chunks)]).isEmpty)
        #expect(try open([("000001", chunks), ("000003", chunks)]) == ["000001"])
    }

    @Test("zeros that another writer has reserved behind its chunks are no damage")
    func reserved() throws {
        let directory = try TemporaryDirectory()
        let expected = try Self.filled(directory.path, BlockFixture.labels(5))
        let path = directory.file("chunks_head/000001")
        let file = try DiskFileSystem().open(path, .readWrite)
        try file.truncate(to: try file.size() + 100_000)
        let fixture = try StoreFixture(directory.path)
        #expect(try fixture.dump() == expected)
        #expect(try Self.files(directory.path) == ["000001"])
        #expect(fixture.store.statistics.samplesAppended < 5 * 120)
    }

    @Test("a new series never gets the number of one that only head chunks know")
    func numbers() throws {
        let directory = try TemporaryDirectory()
        _ = try Self.filled(directory.path, BlockFixture.labels(5))
        // The log is gone, as a power loss may have it: the chunks are those of series that nobody knows.
        try DiskFileSystem().removeTree(directory.file("wal"))
        do {
            let fixture = try StoreFixture(directory.path)
            #expect(try fixture.dump().isEmpty)
            try fixture.append("new", Self.start, 1)
        }
        #expect(try StoreFixture(directory.path).dump() == ["new": [Point(Self.start, 1)]])
    }

    @Test("files go when blocks have what they hold; a full slab is written while the store runs")
    func lifetime() throws {
        let directory = try TemporaryDirectory()
        let fixture = try StoreFixture(directory.path)
        let labels = (0..<3000).map { Labels([("__name__", "m"), ("i", "\($0)")]) }
        var random = SplitMix64(seed: 8)
        // Random bits fill chunks of a kilobyte with some hundred samples.
        for step in 0..<400 {
            let time = Self.start + Int64(step) * Self.minute
            try fixture.append(labels.map { ($0, time, Double(bitPattern: random.next() >> 2)) })
        }
        #expect(try Self.files(directory.path).count >= 2)
        let before = try fixture.dump()
        try fixture.store.maintain(nowMs: Self.start)
        #expect(try fixture.dump() == before)
        let first = try #require(try Self.files(directory.path).first)
        #expect(first > "000001")
    }
}
