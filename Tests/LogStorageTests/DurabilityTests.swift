import Durable
import LogQL
import LogStorage
import MartletCore
import Testing

@Suite("What the log store keeps on disk")
struct DurabilityTests {
    let directory: TemporaryDirectory
    let web = Labels([("app", "web")])

    init() throws { directory = try TemporaryDirectory("logs") }

    private func record(_ line: String, at time: Int64 = noon) -> LogRecord {
        LogRecord([(web, [Entry(time: time, line: line)])])
    }

    private var twoHours: LogStorageOptions {
        var options = LogStorageOptions()
        options.retention.seconds = 7200
        return options
    }

    private var segments: [String] {
        get throws { try DiskFileSystem().list(directory.file("tenants/fake/wal")) }
    }

    @Test("includes a line whose generation goes between its logging and its applying")
    func dropWhileAppending() throws {
        struct Moment {
            var now = noon / 1_000_000_000
            var upkeep: LogStore?
        }
        let moment = Lock(Moment())
        // The store asks for the time when the log has the record and memory has not.
        let clock: @Sendable () -> Int64 = {
            let due = moment.withLock { moment in
                defer { moment.upkeep = nil }
                if moment.upkeep != nil { moment.now += 7201 }
                return moment.upkeep
            }
            due?.maintain()
            return moment.withLock { $0.now }
        }
        do {
            let store = try LogStore.open(directory.path, twoHours, clock: clock)
            try store.append(record("early"), tenant: "fake")
            moment.withLock { $0.upkeep = store }
            try store.append(record("late", at: noon + 7_201_000_000_000), tenant: "fake")
            #expect(try store.read()[web]?.map(\.line) == ["late"])
            try store.close()
        }
        let reopened = try LogStore.open(directory.path, twoHours, clock: clock)
        #expect(try reopened.read()[web]?.map(\.line).contains("late") == true)
    }

    /// A log with sound records around `foreign` ones.
    private func write(_ foreign: [[UInt8]]) throws {
        let log = try RecordLog(directory.file("tenants/fake/wal"))
        try log.append(record("before").bytes)
        for bytes in foreign { try log.append(bytes) }
        try log.append(record("after").bytes)
        try log.close()
    }

    @Test(
        "opens when a sound record cannot be read, and keeps all others",
        arguments: [
            [0x4D, 0x4C, 2, 1, 9, 9, 9],
            [0x4D, 0x4C, 1, 7],
            [0x4D, 0x4C, 1, 1, 200, 1, 2],
            [0x4D, 0x4C, 1, 1, 2, 0, 0, 1, 0, 0, 0],
            [0x4D, 0x4C, 1, 1, 8, 3, 97, 112, 112, 3, 119, 101, 98, 2, 0, 0, 0, 0, 1, 120, 0],
            [],
        ] as [[UInt8]])
    func unreadableRecords(foreign: [UInt8]) throws {
        try write([foreign, foreign])
        let store = try LogStore.open(directory.path)
        #expect(try store.read()[web]?.map(\.line) == ["before", "after"])
        try store.append(record("new"), tenant: "fake")
        #expect(try store.read()[web]?.count == 3)
    }

    @Test("keeps a segment of unreadable records until it is past retention")
    func unreadableSegment() throws {
        let log = try RecordLog(directory.file("tenants/fake/wal"))
        try log.append([0x4D, 0x4C, 9, 1])
        try log.close()
        // The file's age counts from its time of modification, so this clock is the real one, moved.
        let written = try DiskFileSystem().status(directory.file("tenants/fake/wal/00000000")).modifiedNanoseconds
        let time = Lock<Int64>(written / 1_000_000_000)
        let store = try LogStore.open(directory.path, twoHours, clock: { time.withLock { $0 } })
        try store.append(record("new"), tenant: "fake")
        time.withLock { $0 += 7000 }
        try store.append(record("newer", at: written + 7_000_000_000_000), tenant: "fake")
        store.maintain()
        #expect(try segments.contains("00000000"))
        time.withLock { $0 += 300 }
        store.maintain()
        #expect(try !segments.contains("00000000"))
        #expect(try store.read()[web]?.map(\.line).contains("newer") == true)
    }

    @Test("never includes a record that could not be read back: it is refused before it is acknowledged")
    func largeRecord() throws {
        let store = try LogStore.open(directory.path, memory: 2 << 30)
        var record = LogRecord()
        record.beginStream(web)
        let line = [UInt8](repeating: 120, count: LogRecord.maxBytes)
        line.withUnsafeBytes { record.append(timestamp: noon, line: $0, metadata: .init(start: nil, count: 0)) }
        #expect(throws: LogStorageError.recordTooLarge(bytes: record.size, limit: LogRecord.maxBytes)) {
            try store.append(record, tenant: "fake")
        }
    }

    @Test("holds an index for the days around today only, whatever times the lines have")
    func farDays() throws {
        let store = try LogStore.open(directory.path)
        let day: Int64 = 86_400_000_000_000
        let times = [.min, -day, 0, .max] + (0..<20).map { noon - 500 * day + $0 * day } + [noon - day, noon]
        try store.append(LogRecord([(web, times.map { Entry(time: $0, line: "at \($0)") })]), tenant: "fake")
        #expect(try store.read(start: .min)[web]?.count == times.count - 1, "the end of a range is exclusive")
        try store.close()
        #expect(try DiskFileSystem().list(directory.file("tenants/fake/index")) == ["20453.bolt", "20454.bolt"])
    }
}
