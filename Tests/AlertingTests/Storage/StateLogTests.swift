import Alerting
import Durable
import Logging
import MartletCore
import Testing

@Suite("State on disk")
struct StateLogTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory("statelog") }

    /// Gathers what is logged.
    private struct Gatherer: LogHandler {
        let lines: Lock<[String]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.warning

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
        }
    }

    private let lines = Lock<[String]>([])

    private func open(
        _ magic: String = "test 1", in directory: TemporaryDirectory? = nil,
        on fileSystem: any FileSystem = DiskFileSystem()
    ) throws -> StateLog {
        try StateLog(
            (directory ?? self.directory).file("log"), magic: magic, sync: .always,
            logger: Logger(label: "test") { [lines] _ in Gatherer(lines: lines) }, on: fileSystem)
    }

    /// Three entries `a`, `b`, `c` in records of more than a page each behind the header, which lies in the first bytes.
    private func fill() throws {
        let log = try open()
        // Not compressible, so that sizes on disk are what they seem.
        var random = SplitMix64(seed: 1)
        for key in ["a", "b", "c"] {
            try put(
                log, key,
                String((0..<40_000).map { _ in Character(UnicodeScalar(UInt8.random(in: 33...126, using: &random))) }))
        }
        try log.close()
    }

    private func damage(at offset: Int64) throws {
        try DiskFileSystem().open(directory.file("log/00000000"), .readWrite).write([0xFF, 0xFF, 0xFF], at: offset)
    }

    private func text(_ log: StateLog) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: log.entries.map {
                (String(decoding: $0.key, as: UTF8.self), String(decoding: $0.value, as: UTF8.self))
            })
    }

    private func put(_ log: StateLog, _ key: String, _ value: String?) throws {
        try log.update([(key: Array(key.utf8), value: value.map { Array($0.utf8) })])
    }

    @Test("comes back with its last values, also without a clean end")
    func reopen() throws {
        do {
            let log = try open()
            try put(log, "a", "1")
            try put(log, "b", "2")
            try put(log, "a", "3")
            try put(log, "b", nil)
        }
        #expect(text(try open()) == ["a": "3"])
        #expect(text(try open()) == ["a": "3"])
    }

    @Test("stays small however often it changes")
    func compaction() throws {
        do {
            let log = try open()
            for round in 0..<3000 { try put(log, "k\(round % 10)", "\(round)") }
        }
        let log = try open()
        #expect(text(log).count == 10)
        #expect(text(log)["k9"] == "2999")
        #expect(try RecordLog(directory.file("log")).segments().count == 1)
    }

    @Test(
        "damage costs what it hits and nothing else, is logged once, and is over at the next start",
        arguments: [1, 90_000])
    func damage(offset: Int64) throws {
        try fill()
        try damage(at: offset)
        // At the beginning lies the header.
        let kept = offset == 1 ? ["a", "b", "c"] : ["a", "b"]
        #expect(text(try open()).keys.sorted() == kept)
        #expect(lines.withLock { $0 }.count == 1)
        #expect(lines.withLock { $0.first }?.contains("00000000: damaged at offset") == true)
        let again = try open()
        #expect(text(again).keys.sorted() == kept)
        #expect(lines.withLock { $0 }.count == 1)
        try put(again, "d", "4")
        #expect(text(try open()).keys.sorted() == kept + ["d"])
    }

    @Test("a crash or a power loss while damage is repaired loses nothing more", arguments: [1, 45_000])
    func crashDuringRepair(offset: Int64) throws {
        try fill()
        try damage(at: offset)
        let recording = try RecordingFileSystem(root: directory.path)
        let kept = text(try open(on: recording))
        #expect(kept.count >= 1)
        let crashes = (0...recording.position).map { PowerLoss(at: $0, .everything) }
        for loss in crashes + PowerLoss.all(of: recording, seeds: 4) {
            let rebuilt = try TemporaryDirectory()
            try loss.rebuild(recording, into: rebuilt.path)
            #expect(text(try open(in: rebuilt)) == kept, "\(loss)")
        }
    }

    @Test("a log without a header and without damage is somebody else's")
    func foreign() throws {
        let log = try RecordLog(directory.file("log"))
        try log.append([1, 1, 65, 66])
        try log.close()
        #expect(throws: DurableError.self) { try open() }
    }

    @Test("of another kind is refused")
    func magic() throws {
        try put(try open(), "a", "1")
        #expect(throws: DurableError.self) { try open("test 2") }
        #expect(text(try open()) == ["a": "1"])
    }

    @Test("is copied as it is now, while it goes on")
    func copy() throws {
        let log = try open()
        try log.update([(key: [1], value: [10]), (key: [2], value: [20])])
        try log.update([(key: [1], value: nil), (key: [3], value: [30])])
        let target = try TemporaryDirectory("copy")
        try log.copy(to: target.file("log"))
        try log.update([(key: [4], value: [40])])
        #expect(try open(in: target).entries == [[2]: [20], [3]: [30]])
        #expect(log.entries == [[2]: [20], [3]: [30], [4]: [40]])
    }
}
