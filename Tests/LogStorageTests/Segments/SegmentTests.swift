import Durable
import Glibc
import LogQL
import LogStorage
import MartletCore
import Testing

@Suite("Segment files of the log store")
struct SegmentTests {
    let directory: TemporaryDirectory
    let time = Lock<Int64>(noon / 1_000_000_000)
    let web = Labels([("app", "web")])
    let db = Labels([("app", "db")])

    init() throws { directory = try TemporaryDirectory("logs") }

    private func open(
        _ options: LogStorageOptions = .init(), fileSystem: any FileSystem = DiskFileSystem()
    ) throws -> LogStore {
        try LogStore.open(directory.path, options, fileSystem: fileSystem, clock: { [time] in time.withLock { $0 } })
    }

    private func files(_ name: String) throws -> [String] {
        try DiskFileSystem().list(directory.file("tenants/fake/\(name)"))
    }

    private func entries(_ range: Range<Int>) -> [Entry] {
        range.map { Entry(time: noon + Int64($0), line: "request \($0) took \($0 % 7)ms", metadata: "\($0 % 3)") }
    }

    /// The same entries with times counted from the clock's.
    private func now(_ entries: [Entry]) -> [Entry] {
        let moved = time.withLock { $0 } * 1_000_000_000 - noon
        return entries.map { Entry(time: $0.time + moved, line: $0.line, metadata: $0.metadata) }
    }

    /// Pushes, then lets the generation end and become a file.
    private func persist(_ store: LogStore, _ streams: [(labels: Labels, entries: [Entry])]) throws {
        try store.append(LogRecord(streams), tenant: "fake")
        time.withLock { $0 += 301 }
        store.maintain()
    }

    @Test("are not taken for damaged when the system does not let them be read")
    func refused() throws {
        do {
            let store = try open()
            try persist(store, [(web, entries(0..<50))])
            try store.close()
        }
        let refusing = WatchedFileSystem { (call) throws(DurableError) in
            guard case .read(let path) = call, path.hasSuffix(".seg") else { return }
            throw DurableError(errno: EACCES, path: path, operation: "open")
        }
        #expect(throws: DurableError.self) { try open(fileSystem: refusing) }
        #expect(try files("segments") == ["00000000-00000000.seg"])
        #expect(try open().read() == [web: entries(0..<50)])
    }

    @Test("take over from the record log when a generation has ended, and are read after a restart")
    func takeOver() throws {
        do {
            let store = try open()
            try persist(store, [(web, entries(0..<50)), (db, entries(0..<5))])
            #expect(try files("wal").isEmpty)
            #expect(try files("segments") == ["00000000-00000000.seg"])
            #expect(try store.read() == [web: entries(0..<50), db: entries(0..<5)])
            try store.append(LogRecord([(web, entries(50..<60))]), tenant: "fake")
            #expect(try store.read()[web] == entries(0..<60))
            try store.close()
        }
        let store = try open()
        #expect(try store.read() == [web: entries(0..<60), db: entries(0..<5)])
        #expect(try files("wal") == ["00000001"])
    }

    @Test("use no number of the record log twice, also when it was empty at a restart")
    func numbers() throws {
        for round in 0..<3 {
            let store = try open()
            try persist(store, [(web, entries(round * 10..<round * 10 + 10))])
            try store.close()
        }
        let store = try open()
        #expect(try store.read()[web] == entries(0..<30))
        #expect(try files("segments").map { $0.prefix(8) } == ["00000000", "00000001", "00000002"])
    }

    @Test("hold a retry in another generation, which is given once")
    func retries() throws {
        let store = try open()
        try persist(store, [(web, entries(0..<20))])
        try persist(store, [(web, entries(10..<30))])
        try store.append(LogRecord([(web, entries(25..<40))]), tenant: "fake")
        #expect(try store.read()[web] == entries(0..<40))
        #expect(try store.read(direction: .backward)[web].map { Set($0) } == Set(entries(0..<40)))
    }

    @Test("are merged when they are small, and hold the same lines as before, copies once")
    func merge() throws {
        do {
            let store = try open()
            for round in 0..<4 {
                try persist(store, [(web, entries(round * 10..<round * 10 + 15)), (db, entries(0..<2))])
            }
            #expect(try files("segments") == ["00000000-00000003.seg"])
            #expect(try store.read() == [web: entries(0..<45), db: entries(0..<2)])
            let source = try #require(store.source(tenant: "fake"))
            let streams = try source.streams(matching: [], start: 0, end: .max, context: LogQueryContext())
            #expect(streams.map(\.chunks) == [1, 1])
            #expect(streams.map(\.entries) == [2, 45])
            try store.close()
        }
        #expect(try open().read() == [web: entries(0..<45), db: entries(0..<2)])
    }

    @Test("that a merge had joined and could not remove are removed at the next start")
    func interruptedMerge() throws {
        let disk = DiskFileSystem()
        let kept = directory.file("kept")
        do {
            let store = try open()
            for round in 0..<3 { try persist(store, [(web, entries(round * 10..<round * 10 + 10))]) }
            try disk.link(directory.file("tenants/fake/segments/00000001-00000001.seg"), to: kept)
            try persist(store, [(web, entries(30..<40))])
            try store.close()
        }
        try disk.link(kept, to: directory.file("tenants/fake/segments/00000001-00000001.seg"))
        try disk.link(kept, to: directory.file("tenants/fake/segments/00000004-00000009.seg.tmp"))
        let store = try open()
        #expect(try files("segments") == ["00000000-00000003.seg"])
        #expect(try store.read()[web] == entries(0..<40))
    }

    /// The place from the file's end, and what stands there: in the directory, and the footer's highest bit of its
    /// offset.
    @Test(
        "that are damaged are put aside, and the others are read",
        arguments: [(30, 0xAA), (17, 0x80)] as [(Int64, UInt8)])
    func damage(place: Int64, byte: UInt8) throws {
        do {
            let store = try open()
            for round in 0..<3 { try persist(store, [(web, entries(round * 10..<round * 10 + 10))]) }
            try store.close()
        }
        let path = directory.file("tenants/fake/segments/00000002-00000002.seg")
        let file = try DiskFileSystem().open(path, .readWrite)
        try file.write([byte], at: try file.size() - place)
        do {
            let store = try open()
            #expect(try store.read()[web] == entries(0..<20))
            try store.append(LogRecord([(web, entries(30..<40))]), tenant: "fake")
            try store.close()
        }
        #expect(try files("segments").last == "00000002-00000002.seg.damaged")
        #expect(try open().read()[web] == entries(0..<20) + entries(30..<40))
    }

    @Test("with a damaged block fail the query that reads it, with the file's name, and no other")
    func damagedBlock() throws {
        let store = try open()
        try persist(store, [(db, entries(0..<100)), (web, entries(0..<100))])
        let path = directory.file("tenants/fake/segments/00000000-00000000.seg")
        try DiskFileSystem().open(path, .readWrite).write([0xAA, 0xAA, 0xAA], at: 60)
        let failure = #expect(throws: LogQueryError.self) { try store.read([Matcher(equal: "app", "db")]) }
        #expect(failure?.message.contains("\(path) at ") == true)
        #expect(try store.read([Matcher(equal: "app", "web")])[web] == entries(0..<100))
    }

    /// Segment files of this test's store that the process holds open.
    private func openFiles() throws -> Int {
        try DiskFileSystem().list("/proc/self/fd").count { name in
            var target = [CChar](repeating: 0, count: 4096)
            let length = readlink("/proc/self/fd/\(name)", &target, target.count)
            let path = String(decoding: target.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return path.contains(directory.file("tenants/fake/segments"))
        }
    }

    @Test("are open no more of at a time than the limit says, however many there are")
    func openLimit() throws {
        var options = LogStorageOptions()
        options.maxOpenSegments = 1
        do {
            let store = try open(options)
            for round in 0..<9 { try persist(store, [(web, entries(round * 10..<round * 10 + 10))]) }
            #expect(try files("segments").count == 3)
            #expect(try store.read()[web] == entries(0..<90))
            #expect(try openFiles() == 1)
            try store.close()
        }
        let store = try open(options)
        #expect(try openFiles() == 1)
        #expect(try store.read()[web] == entries(0..<90))
    }

    @Test("are read on by a query that began before they were merged away")
    func mergedUnderQuery() throws {
        var options = LogStorageOptions()
        options.maxOpenSegments = 1
        let store = try open(options)
        for round in 0..<3 { try persist(store, [(web, entries(round * 10..<round * 10 + 10))]) }
        let source = try #require(store.source(tenant: "fake"))
        let selection = LogSelection(matchers: [], start: 0, end: .max, direction: .forward)
        let parts = try source.parts(of: selection, context: LogQueryContext())
        try persist(store, [(web, entries(30..<40))])
        #expect(try files("segments") == ["00000000-00000003.seg"])
        var lines = 0
        for part in parts {
            try part.entries(selection, context: LogQueryContext()) { batch in
                lines += batch.rows.count
                return .more
            }
        }
        #expect(lines == 30)
    }

    @Test("are not merged where the disk fails, and leave nothing behind that would take their place later")
    func failedMerge() throws {
        // The first merged file gets its name, which then cannot be made to last.
        let progress = Lock((isNamed: false, hasFailed: false))
        let store = try open(
            fileSystem: WatchedFileSystem { (call) throws(DurableError) in
                switch call {
                case .rename(let path) where path.hasSuffix("/00000000-00000003.seg"):
                    progress.withLock { $0.isNamed = true }
                case .syncDirectory(let path):
                    let fails = progress.withLock { progress in
                        defer { progress.hasFailed = progress.hasFailed || progress.isNamed }
                        return progress.isNamed && !progress.hasFailed
                    }
                    if fails { throw DurableError(errno: EIO, path: path, operation: "sync") }
                default: break
                }
            })
        for round in 0..<4 { try persist(store, [(web, entries(round * 10..<round * 10 + 10))]) }
        #expect(try files("segments").count == 4)
        #expect(try store.read()[web] == entries(0..<40))
        store.maintain()
        #expect(try files("segments") == ["00000000-00000003.seg"])
        #expect(try store.read()[web] == entries(0..<40))
    }

    @Test("go with retention, and with the limit on disk, the oldest first")
    func dropping() throws {
        var options = LogStorageOptions()
        options.retention.seconds = 1000
        do {
            let store = try open(options)
            for round in 0..<3 { try persist(store, [(web, now(entries(round * 10..<round * 10 + 10)))]) }
            time.withLock { $0 += 200 }
            store.maintain()
            #expect(try store.read()[web]?.map(\.line) == entries(10..<30).map(\.line))
            #expect(try files("segments").count == 2)
            try store.close()
        }
        options.retentionBytes = 300
        let smaller = try open(options)
        let newest = now(entries(30..<31))
        try smaller.append(LogRecord([(web, newest)]), tenant: "fake")
        smaller.maintain()
        #expect(try smaller.read()[web]?.last == newest.last)
        #expect(try smaller.read()[web]?.count ?? 0 < 20)
    }

    @Test("go for the limit on disk also while no file can be written")
    func droppingOnFullDisk() throws {
        do {
            let store = try open()
            for round in 0..<2 { try persist(store, [(web, now(entries(round * 10..<round * 10 + 10)))]) }
            try store.close()
        }
        #expect(try files("segments").count == 2)
        var options = LogStorageOptions()
        options.retentionBytes = 300
        let store = try open(
            options,
            fileSystem: WatchedFileSystem { (call) throws(DurableError) in
                guard case .create(let path) = call, path.contains("/segments/") else { return }
                throw DurableError(errno: ENOSPC, path: path, operation: "open")
            })
        let newest = now(entries(30..<31))
        try persist(store, [(web, newest)])
        #expect(try files("segments").count < 2)
        #expect(try store.read()[web]?.last == newest.last)
    }
}
