import Durable
import LogStorage
import MartletCore
import Testing

@Suite("A log store that was closed")
struct ClosingTests {
    let directory: TemporaryDirectory
    let web = Labels([("app", "web")])

    init() throws { directory = try TemporaryDirectory("logs") }

    private func record(_ seconds: Range<Int64>) -> LogRecord {
        LogRecord([(web, seconds.map { Entry(time: noon + $0 * 1_000_000_000, line: "line \($0)") })])
    }

    private func lines(_ store: LogStore) throws -> [String]? { try store.read()[web]?.map(\.line) }

    @Test("lets its directory be opened at once, and closing it again does nothing")
    func again() throws {
        let first = try LogStore.open(directory.path)
        try first.append(record(0..<5), tenant: "fake")
        try first.close()
        let second = try LogStore.open(directory.path)
        #expect(try lines(second)?.count == 5)
        try second.append(record(5..<8), tenant: "fake")
        try first.close()
        #expect(throws: DurableError.self) { try LogStore.open(directory.path) }
        try second.close()
        let third = try LogStore.open(directory.path)
        #expect(try lines(third)?.count == 8)
        withExtendedLifetime((first, second)) {}
    }

    @Test("changes nothing in it any more, whatever is past its time or waits to be merged")
    func changesNothing() throws {
        let time = Lock<Int64>(noon / 1_000_000_000)
        var options = LogStorageOptions()
        options.generationSeconds = 1
        options.retention.seconds = 3600
        let store = try LogStore.open(directory.path, options, clock: { time.withLock { $0 } })
        for start in stride(from: Int64(0), to: 30, by: 10) {
            try store.append(record(start..<start + 10), tenant: "fake")
            time.withLock { $0 += 10 }
            if start < 20 { store.maintain() }
        }
        try store.close()
        let files = try tree()
        #expect(files.contains { $0.contains(".seg:") })
        time.withLock { $0 += 7200 }
        store.maintain()
        #expect(throws: LogStorageError.closed) { try store.append(record(40..<41), tenant: "fake") }
        #expect(throws: LogStorageError.closed) { try store.append(record(40..<41), tenant: "new") }
        try store.close()
        #expect(try tree() == files)
    }

    private func tree() throws -> [String] {
        let disk = DiskFileSystem()
        let tenants = directory.file("tenants")
        return try disk.list(tenants).sorted().flatMap { tenant in
            try ["index", "segments", "wal"].flatMap { place in
                let path = FilePath.join(FilePath.join(tenants, tenant), place)
                return try disk.list(path).sorted().map { name in
                    "\(tenant)/\(place)/\(name): \(try disk.status(FilePath.join(path, name)).size)"
                }
            }
        }
    }
}
