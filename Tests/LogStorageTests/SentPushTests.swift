import Compression
import Durable
import LogQL
import LogStorage
import MartletCore
import Testing
import Wire

@Suite("A push that is kept as it was sent")
struct SentPushTests {
    let web = Labels([("app", "web")])
    let db = Labels([("app", "db")])
    let levels = ["info", "error"]

    /// Two streams of lines in turn, the first twice, and one stream that has none.
    private func sent(_ count: Int = 20, from start: Int64 = noon) throws -> LogRecord {
        var encoder = LokiPush.Encoder()
        let labels = [web, db, Labels([("app", "idle")]), web]
        for (place, labels) in labels.enumerated() {
            let lines = (0..<(place == 2 ? 0 : count)).map { number in
                LokiPush.Encoder.Line(
                    timestamp: start + Int64(place * count + number), line: Array("line \(place) \(number)".utf8))
            }
            encoder.stream(labels, lines)
        }
        let body = try encoder.bytes.withUnsafeBytes { try Snappy.compress($0) }
        let push = try LokiPush.PushRequest(protobuf: encoder.bytes)
        let sets = levels.map { Labels([("trace", $0)]).bytes }
        let setOfEntry = push.entries.indices.map { UInt8($0 % 2) }
        return body.withUnsafeBytes {
            LogRecord(SentPush(push, streams: labels, sets: sets, setOfEntry: setOfEntry, body: $0))
        }
    }

    private struct Visitor: LogRecord.Visitor {
        var stream = Labels()
        var found: [(Labels, Entry)] = []

        mutating func stream(_ labels: UnsafeRawBufferPointer) { stream = Labels(canonicalBytes: [UInt8](labels)) }

        mutating func entry(_ time: Int64, _ line: UnsafeRawBufferPointer, _ metadata: UnsafeRawBufferPointer) {
            let line = String(decoding: line, as: UTF8.self)
            let metadata = Labels(canonicalBytes: [UInt8](metadata))["trace"] ?? ""
            found.append((stream, Entry(time: time, line: line, metadata: metadata)))
        }
    }

    private func content(_ record: LogRecord) throws -> [String] {
        var visitor = Visitor()
        try record.visit(&visitor)
        return visitor.found.map { "\($0.0["app"] ?? "") \($0.1)" }
    }

    @Test("has its lines in order, each with its stream's labels and its set of metadata")
    func visit() throws {
        let lines = try content(sent(2))
        #expect(
            lines == [
                "web \(noon) line 0 0 info", "web \(noon + 1) line 0 1 error", "db \(noon + 2) line 1 0 info",
                "db \(noon + 3) line 1 1 error", "web \(noon + 6) line 3 0 info", "web \(noon + 7) line 3 1 error",
            ])
    }

    @Test("is read back from its bytes as it was, with the same counts")
    func roundTrip() throws {
        let record = try sent()
        let read = try record.bytes.withUnsafeBytes { try LogRecord(stored: $0) }
        #expect(try content(read) == content(record))
        #expect(read.bytes == record.bytes)
        #expect((read.entryCount, read.rawBytes, read.size) == (record.entryCount, record.rawBytes, record.size))
        #expect(record.entryCount == 60)
    }

    @Test("is refused when its bytes are cut short or changed, or gives lines of its streams; never more")
    func damage() throws {
        let bytes = try sent().bytes
        for end in 0..<bytes.count {
            #expect(throws: (any Error).self) {
                try bytes[..<end].withUnsafeBytes { try LogRecord(stored: $0) }
            }
        }
        var generator = SplitMix64(seed: 7)
        for _ in 0..<3000 {
            var damaged = bytes
            damaged[Int.random(in: 4..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
            guard let record = try? damaged.withUnsafeBytes({ try LogRecord(stored: $0) }) else { continue }
            #expect(try content(record).count == record.entryCount)
        }
    }

    @Test("is there again after a start from the log, beside lines that came otherwise")
    func replay() throws {
        let directory = try TemporaryDirectory("logs")
        let expected: [Labels: [Entry]]
        do {
            let store = try LogStore.open(directory.path)
            try store.append(sent(), tenant: "fake")
            try store.append(LogRecord([(web, [Entry(time: noon + 1000, line: "built")])]), tenant: "fake")
            expected = try store.read()
        }
        let store = try LogStore.open(directory.path)
        #expect(try store.read() == expected)
        #expect(expected[web]?.count == 41)
        #expect(expected[db]?.map(\.metadata) == (0..<20).map { levels[$0 % 2] })
        try store.close()
    }

    @Test("lies in the log as its client packed it")
    func stored() throws {
        let directory = try TemporaryDirectory("logs")
        let store = try LogStore.open(directory.path)
        let record = try sent()
        try store.append(record, tenant: "fake")
        try store.close()
        let log = directory.file("tenants/fake/wal/00000000")
        let file = try DiskFileSystem().open(log, .read)
        let size = try Int(file.size())
        #expect(size == record.bytes.count + 7)
    }
}
