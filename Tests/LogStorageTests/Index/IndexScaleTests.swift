import Durable
import Glibc
import LogStorage
import MartletCore
import Testing

/// Large indexes, with figures on the standard output. They run with `MARTLET_SCALE=1`.
@Suite("Large indexes", .enabled(if: getenv("MARTLET_SCALE") != nil))
struct IndexScaleTests {
    let directory: TemporaryDirectory
    private static let streams = 100_000

    init() throws { directory = try TemporaryDirectory("scale") }

    private func timed<R>(_ what: String, _ body: () throws -> R) rethrows -> R {
        let clock = ContinuousClock()
        let start = clock.now
        let result = try body()
        print("\(what): \((clock.now - start) / .milliseconds(1)) ms")
        return result
    }

    @Test("of a million blocks on a hundred thousand streams are sound, small, and quick to ask")
    func blocks() throws {
        let all = (0..<Self.streams).map { IndexedReadsTests.labels($0) }
        let files = 10
        do {
            let index = try LogIndex(directory.file("day.bolt"), fileSystem: DiskFileSystem())
            for file in 0..<files {
                var change = IndexChange()
                // A tenth of the streams is new each time.
                let new = all[file * Self.streams / files..<(file + 1) * Self.streams / files]
                change.streams = new.map { LogIndex.Entry(id: $0.hash64, labels: $0) }
                let start = Int64(file) * 3000
                let span = SegmentSpan(first: file, last: file)
                change.added[span] = all.indices.map { place in
                    let first = start + Int64(place * 7919 % 2400)
                    return IndexChange.StreamTimes(
                        key: UInt32(all[place].hash64 >> 32), first: first, last: first + Int64(place % 600))
                }
                let before = index.usedBytes
                try timed("transaction \(file)") { try index.apply(change) }
                print("  \(index.usedBytes - before) bytes more, \(index.usedBytes) in all")
            }
        }
        let size = try DiskFileSystem().status(directory.file("day.bolt")).size
        print("file: \(size) bytes for \(files * Self.streams) blocks on \(Self.streams) streams")
        let index = try timed("opening with a check of all pages") {
            try LogIndex(directory.file("day.bolt"), fileSystem: DiskFileSystem())
        }
        #expect(try timed("check of all pages", index.problems).isEmpty)
        #expect(try timed("all streams", index.allStreams).count == Self.streams)
        let spans = (0..<files).map { SegmentSpan(first: $0, last: $0) }
        let one = UInt32(all[12_345].hash64 >> 32)
        #expect(
            try timed("files of one stream in an hour") {
                try index.holders(of: [one], in: 6000...8999, among: spans)
            }.count { $0.value } <= 2)
        let keys = all.map { UInt32($0.hash64 >> 32) }.sorted()
        #expect(
            try timed("files of all streams in no time") {
                try index.holders(of: keys, in: 80_000...80_000, among: spans)
            }.count { $0.value } == 0)
    }

    @Test("of a hundred thousand streams of twenty lines are small beside the lines")
    func lines() throws {
        let time = Lock<Int64>(noon / 1_000_000_000)
        var raw = 0
        do {
            let store = try LogStore.open(directory.path, memory: 4 << 30, clock: { time.withLock { $0 } })
            for round in 0..<20 {
                for part in stride(from: 0, to: Self.streams, by: 10_000) {
                    var record = LogRecord()
                    for stream in part..<part + 10_000 {
                        record.beginStream(IndexedReadsTests.labels(stream))
                        let now = time.withLock { $0 } * 1_000_000_000
                        let text =
                            "level=info caller=handler.go:\(stream % 90) msg=\"request done\" id=\(stream * 31 + round) ms=\(round)"
                        raw += text.utf8.count
                        Bytes.of(text) {
                            record.append(
                                timestamp: now + Int64(stream), line: $0, metadata: .init(start: nil, count: 0))
                        }
                    }
                    try store.append(record, tenant: "fake")
                }
                time.withLock { $0 += 20 }
                if round == 9 { timed("upkeep half way") { store.maintain() } }
            }
            time.withLock { $0 += 301 }
            timed("upkeep at the end") { store.maintain() }
            try store.close()
        }
        let segments = directory.file("tenants/fake/segments")
        let files = try DiskFileSystem().list(segments)
        let stored = try files.reduce(Int64(0)) { try $0 + DiskFileSystem().status("\(segments)/\($1)").size }
        let index = try LogIndex(directory.file("tenants/fake/index/20454.bolt"), fileSystem: DiskFileSystem())
        print("lines: \(raw) bytes; \(files.count) segment files: \(stored) bytes; index: \(index.usedBytes) bytes")
        #expect(index.usedBytes * 10 <= raw)
        #expect(Int64(index.usedBytes) * 5 <= stored)
        #expect(try index.problems().isEmpty)
    }
}
