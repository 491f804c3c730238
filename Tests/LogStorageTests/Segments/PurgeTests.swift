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

    private func open(_ fileSystem: any FileSystem = DiskFileSystem()) throws -> LogStore {
        try LogStore.open(directory.path, fileSystem: fileSystem, clock: { [time] in time.withLock { $0 } })
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

    private func deletion(
        _ query: String, _ range: ClosedRange<Int64> = 0...Int64.max, request: String = ""
    ) throws -> LogDeletion {
        try LogDeletion(query: query, start: range.lowerBound, end: range.upperBound, request: request)
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

    @Test("take their streams with them when these have no others, also after a restart")
    func streams() throws {
        do {
            let store = try open()
            try persist(store, [(web, entries(0..<30))])
            try persist(store, [(db, entries(0..<10))])
            #expect(try store.purge([deletion(#"{app="web"}"#)], tenant: "fake"))
            try store.close()
        }
        #expect(try files("wal").isEmpty)
        #expect(try open().streamCount(tenant: "fake") == 1)
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

    @Test("are looked for once in a file with a block that cannot be read")
    func damagedOnce() throws {
        let attempts = Lock(0)
        let store = try open(
            WatchedFileSystem { call in
                if case .create(let path) = call, path.hasSuffix("00000000-00000000.1.seg.tmp") {
                    attempts.withLock { $0 += 1 }
                }
            })
        try persist(store, [(db, entries(0..<100))])
        let path = directory.file("tenants/fake/segments/00000000-00000000.seg")
        try DiskFileSystem().open(path, .readWrite).write([0xAA, 0xAA, 0xAA], at: 60)
        for _ in 0..<3 { #expect(try !store.purge([deletion(#"{app="db"} |= "secret""#)], tenant: "fake")) }
        #expect(attempts.withLock { $0 } == 1)
    }

    @Test("are looked for anew when somebody else asks for the same")
    func anotherRequest() throws {
        let store = try open()
        try persist(store, [(db, entries(0..<100))])
        let path = directory.file("tenants/fake/segments/00000000-00000000.seg")
        try DiskFileSystem().open(path, .readWrite).write([0xAA, 0xAA, 0xAA], at: 60)
        #expect(try !store.purge([deletion(#"{app=~".+"} |= "secret""#, request: "1")], tenant: "fake"))
        try store.append(LogRecord([(web, entries(0..<10))]), tenant: "fake")
        #expect(try !store.purge([deletion(#"{app=~".+"} |= "secret""#, request: "1")], tenant: "fake"))
        #expect(try store.read([Matcher(equal: "app", "web")])[web]?.count == 10, "it came later")
        #expect(try !store.purge([deletion(#"{app=~".+"} |= "secret""#, request: "2")], tenant: "fake"))
        #expect(try store.read([Matcher(equal: "app", "web")])[web]?.count == 9)
    }

    @Test("wait for pushes under way when the purge begins, not for those that come later")
    func pushesUnderWay() throws {
        let purge = Lock<(@Sendable () -> Void)?>(nil)
        // The store asks for the time when the log has the record and memory has not.
        let store = try LogStore.open(directory.path) {
            purge.withLock { purge in
                defer { purge = nil }
                return purge
            }?()
            return noon / 1_000_000_000
        }
        let deletion = try deletion(#"{app="web"} |= "secret""#)
        let outcomes = Lock<[Bool?]>([])
        try store.append(LogRecord([(web, entries(0..<10))]), tenant: "fake")
        for number in 1...2 {
            purge.withLock {
                $0 = { [unowned store] in
                    let isWhole = try? store.purge([deletion], tenant: "fake")
                    outcomes.withLock { $0.append(isWhole) }
                }
            }
            try store.append(LogRecord([(web, entries(number * 10..<number * 10 + 10))]), tenant: "fake")
        }
        #expect(outcomes.withLock { $0 } == [false, true])
        let lines = try store.read()[web]?.map(\.line) ?? []
        #expect(lines.filter { $0.hasPrefix("secret") } == ["secret 23"], "it had not come before")
        #expect(lines.count == 28)
    }

    @Test("are not back, and no other is lost or there twice, whenever the power goes")
    func powerLoss() throws {
        let live = try TemporaryDirectory("logs")
        let recording = try RecordingFileSystem(root: live.path)
        var options = LogStorageOptions()
        options.sync = .always
        let store = try LogStore.open(
            live.path, options, fileSystem: recording, clock: { [time] in time.withLock { $0 } })
        try persist(store, [(web, entries(0..<30)), (db, entries(0..<10))])
        try persist(store, [(web, entries(33..<34))])
        try store.append(LogRecord([(web, entries(40..<60))]), tenant: "fake")
        let stored = recording.position
        #expect(try store.purge([deletion(#"{app="web"} |= "secret""#)], tenant: "fake"))
        let purged = recording.position
        store.maintain()
        let plain = (entries(0..<30) + entries(40..<60)).filter { !$0.line.hasPrefix("secret") }
        for loss in PowerLoss.all(of: recording, seeds: 1) where loss.position >= stored {
            let after = try TemporaryDirectory("logs")
            try loss.rebuild(recording, into: after.path)
            let found = try LogStore.open(after.path, options).read()
            let lines = found[web] ?? []
            #expect(lines.filter { !$0.line.hasPrefix("secret") } == plain, "\(loss)")
            #expect(Set(lines).count == lines.count, "\(loss)")
            #expect(loss.position < purged || lines == plain, "\(loss)")
            #expect(found[db] == entries(0..<10), "\(loss)")
        }
    }

    @Test("of a tenant that has nothing are gone")
    func nobody() throws {
        #expect(try open().purge([deletion(#"{app="web"}"#)], tenant: "nobody"))
    }
}
