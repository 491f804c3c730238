import Durable
import LogQL
import LogStorage
import MartletCore
import Testing

@Suite("Deleted lines on the disk of the log store")
struct PurgeTests {
    let directory: TemporaryDirectory
    let time = Lock<Int64>(noon / 1_000_000_000)
    let web = Labels([("app", "web")])
    let db = Labels([("app", "db")])

    init() throws { directory = try TemporaryDirectory("logs") }

    private func open() throws -> LogStore {
        try LogStore.open(directory.path, clock: { [time] in time.withLock { $0 } })
    }

    private func files(_ name: String) throws -> [String] {
        try DiskFileSystem().list(directory.file("tenants/fake/\(name)"))
    }

    private func entries(_ range: Range<Int>) -> [Entry] {
        range.map {
            Entry(time: noon + Int64($0), line: $0 % 10 == 3 ? "secret \($0)" : "plain \($0)", metadata: "\($0 % 3)")
        }
    }

    private func persist(_ store: LogStore, _ streams: [(labels: Labels, entries: [Entry])]) throws {
        try store.append(LogRecord(streams), tenant: "fake")
        time.withLock { $0 += 301 }
        store.maintain()
    }

    private func deletion(_ query: String, _ range: ClosedRange<Int64> = 0...Int64.max) throws -> LogDeletion {
        try LogDeletion(query: query, start: range.lowerBound, end: range.upperBound)
    }

    @Test("are gone from files, memory and the record log; all others are there, also after a restart")
    func everywhere() throws {
        let kept = [
            web: entries(0..<60).filter { !$0.line.hasPrefix("secret") }, db: entries(0..<20),
        ]
        do {
            let store = try open()
            try persist(store, [(web, entries(0..<30)), (db, entries(0..<10))])
            try persist(store, [(db, entries(10..<20))])
            try store.append(LogRecord([(web, entries(30..<60))]), tenant: "fake")
            #expect(try store.purge([deletion(#"{app="web"} |= "secret""#)], tenant: "fake"))
            #expect(try store.read() == kept)
            #expect(
                try files("segments") == [
                    "00000000-00000000.1.seg", "00000001-00000001.seg", "00000002-00000002.1.seg",
                ], "a file without such lines stays as it is")
            #expect(try files("wal").allSatisfy { $0 >= "00000003" })
            try store.close()
        }
        #expect(try open().read() == kept)
    }

    @Test("take their file with them when it has no others, and the tenant when that was the last")
    func wholeFile() throws {
        let store = try open()
        try persist(store, [(web, entries(0..<30))])
        try persist(store, [(db, entries(0..<10))])
        #expect(try store.purge([deletion(#"{app="web"}"#)], tenant: "fake"))
        #expect(try files("segments") == ["00000001-00000001.seg"])
        #expect(store.streamCount(tenant: "fake") == 1)
        #expect(try store.purge([deletion(#"{app=~".+"}"#)], tenant: "fake"))
        store.maintain()
        #expect(store.tenantCount == 0)
        #expect(store.memoryBytes == 0)
    }

    @Test("are those of the time that was asked for, both ends included")
    func times() throws {
        let store = try open()
        try persist(store, [(web, entries(0..<30))])
        #expect(try store.purge([deletion(#"{app="web"}"#, noon + 5...noon + 24)], tenant: "fake"))
        #expect(try store.read()[web] == entries(0..<5) + entries(25..<30))
    }

    @Test("may be sent again later: what comes after the purge stays")
    func later() throws {
        let store = try open()
        try persist(store, [(web, entries(0..<30))])
        #expect(try store.purge([deletion(#"{app="web"}"#)], tenant: "fake"))
        try persist(store, [(web, entries(0..<5))])
        #expect(try store.read()[web] == entries(0..<5))
    }

    @Test("are not said to be gone when a block cannot be read")
    func damaged() throws {
        let store = try open()
        try persist(store, [(db, entries(0..<100)), (web, entries(0..<100))])
        let path = directory.file("tenants/fake/segments/00000000-00000000.seg")
        try DiskFileSystem().open(path, .readWrite).write([0xAA, 0xAA, 0xAA], at: 60)
        #expect(try !store.purge([deletion(#"{app="db"} |= "secret""#)], tenant: "fake"))
        #expect(try store.purge([deletion(#"{app="web"} |= "secret""#)], tenant: "fake"))
        #expect(try store.read([Matcher(equal: "app", "web")])[web]?.count == 90)
    }

    @Test("of a tenant that has nothing are gone")
    func nobody() throws {
        #expect(try open().purge([deletion(#"{app="web"}"#)], tenant: "nobody"))
    }
}
