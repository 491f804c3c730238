import Durable
import LogQL
import LogStorage
import MartletCore
import Testing

@Suite("The retention of log lines")
struct RetentionTests {
    let directory: TemporaryDirectory
    let time = Lock<Int64>(noon / 1_000_000_000)
    let web = Labels([("app", "web")])
    let db = Labels([("app", "db")])
    private static let hour: Int64 = 3600

    init() throws { directory = try TemporaryDirectory("logs") }

    private func open(
        _ retention: LogRetention, fileSystem: any FileSystem = DiskFileSystem(),
        _ change: (inout LogStorageOptions) -> Void = { _ in }
    ) throws -> LogStore {
        var options = LogStorageOptions()
        options.retention = retention
        change(&options)
        return try LogStore.open(
            directory.path, options, fileSystem: fileSystem, clock: { [time] in time.withLock { $0 } })
    }

    private var files: [String] {
        get throws { try DiskFileSystem().list(directory.file("tenants/fake/segments")) }
    }

    /// An entry at so many hours after noon.
    private func entry(_ hours: Int64, _ line: String = "x") -> Entry {
        Entry(time: noon + hours * Self.hour * 1_000_000_000, line: line)
    }

    /// Pushes at so many hours after noon, and lets the lines become a file.
    private func persist(_ store: LogStore, at hours: Int64, _ streams: [(labels: Labels, entries: [Entry])]) throws {
        time.withLock { $0 = noon / 1_000_000_000 + hours * Self.hour }
        try store.append(LogRecord(streams), tenant: "fake")
        time.withLock { $0 += 301 }
        store.maintain()
    }

    private func rule(_ app: String, _ hours: Int64, priority: Int = 0) -> LogRetention.Rule {
        LogRetention.Rule(matchers: [Matcher(equal: "app", app)], priority: priority, seconds: hours * Self.hour)
    }

    @Test("hides lines from the moment on that they are past, in memory and in files", arguments: [true, false])
    func clipping(isFile: Bool) throws {
        let store = try open(LogRetention(seconds: 10 * Self.hour))
        let entries = (0..<10).map { entry(Int64($0) - 9) }
        try store.append(LogRecord([(web, entries), (db, [entry(-9)])]), tenant: "fake")
        if isFile {
            time.withLock { $0 += 301 }
            store.maintain()
            #expect(try files.count == 1)
        }
        #expect(try store.read()[web] == entries)
        time.withLock { $0 += 4 * Self.hour }
        #expect(try store.read() == [web: Array(entries.dropFirst(isFile ? 4 : 3))])
        let source = try #require(store.source(tenant: "fake"))
        let streams = try source.streams(matching: [], start: 0, end: .max, context: LogQueryContext())
        #expect(streams.map(\.labels) == [web])
        var counted = 0
        try source.counts(
            LogSelection(matchers: [], start: 0, end: .max, direction: .forward, text: .none), edges: TimeEdges([]),
            context: LogQueryContext()
        ) { counts in
            counted += counts.intervals.reduce(0) { $0 + $1.lines }
        }
        #expect(counted == (isFile ? 6 : 7))
    }

    @Test("does not outlast a line whose clock was ahead: it counts from when the line came")
    func future() throws {
        let store = try open(LogRetention(seconds: 10 * Self.hour))
        try persist(store, at: 0, [(web, [entry(1000)])])
        time.withLock { $0 += 9 * Self.hour }
        store.maintain()
        #expect(try store.read()[web]?.count == 1)
        time.withLock { $0 += Self.hour }
        store.maintain()
        #expect(try store.read().isEmpty)
    }

    @Test("takes the time of the rule with the highest priority, of equal ones the shortest")
    func rules() throws {
        let store = try open(
            LogRetention(
                seconds: 100 * Self.hour,
                rules: [rule("web", 50, priority: 1), rule("web", 20, priority: 2), rule("web", 10, priority: 2)]))
        try store.append(LogRecord([(web, [entry(0)]), (db, [entry(0)])]), tenant: "fake")
        time.withLock { $0 += 9 * Self.hour }
        #expect(try store.read().keys.count == 2)
        time.withLock { $0 += 2 * Self.hour }
        #expect(try store.read() == [db: [entry(0)]])
    }

    @Test("has streams with a short time leave their file, which the others keep")
    func trimming() throws {
        do {
            let store = try open(LogRetention(seconds: 1000 * Self.hour, rules: [rule("web", 24)]))
            let noise = (0..<200).map { Entry(time: noon + Int64($0), line: "noise \($0 * 7919 % 1009)") }
            try persist(store, at: 0, [(web, noise), (db, [entry(0)])])
            let size = try DiskFileSystem().status(directory.file("tenants/fake/segments/00000000-00000000.seg")).size
            time.withLock { $0 += 25 * Self.hour }
            store.maintain()
            #expect(try files == ["00000000-00000000.1.seg"])
            let trimmed = directory.file("tenants/fake/segments/00000000-00000000.1.seg")
            #expect(try DiskFileSystem().status(trimmed).size < size)
            #expect(try store.read() == [db: [entry(0)]])
            store.maintain()
            #expect(try files == ["00000000-00000000.1.seg"], "there is nothing left to do")
            try store.close()
        }
        #expect(try open(LogRetention()).read() == [db: [entry(0)]], "the web's lines are gone, not hidden")
    }

    @Test("cuts lines that are past for a day out of blocks that live on")
    func straddling() throws {
        do {
            let store = try open(LogRetention(seconds: 60 * Self.hour))
            try persist(store, at: 0, [(web, (-40...0).map { entry($0, "line \($0)") })])
            time.withLock { $0 += 43 * Self.hour }
            store.maintain()
            #expect(try files == ["00000000-00000000.seg"], "the first line is past for less than a day")
            time.withLock { $0 += Self.hour }
            store.maintain()
            #expect(try files == ["00000000-00000000.1.seg"])
            try store.close()
        }
        // 60 hours before noon and 44 hours, and five minutes.
        #expect(try open(LogRetention()).read()[web] == (-15...0).map { entry($0, "line \($0)") })
    }

    @Test("finds files of one day each: days are not joined, and what is left of one is, once it is over")
    func days() throws {
        let store = try open(LogRetention())
        // Noon, two hours before midnight, and the next day.
        for hours in [0, 1, 10] as [Int64] { try persist(store, at: hours, [(web, [entry(hours)])]) }
        #expect(try files.count == 3)
        for hours in [13, 14] as [Int64] { try persist(store, at: hours, [(web, [entry(hours)])]) }
        #expect(try files == ["00000000-00000002.seg", "00000003-00000003.seg", "00000004-00000004.seg"])
        for hours in [15, 16] as [Int64] { try persist(store, at: hours, [(web, [entry(hours)])]) }
        #expect(try files == ["00000000-00000002.seg", "00000003-00000006.seg"])
        #expect(try store.read()[web]?.count == 7)
    }

    @Test("gives way to the disk: the oldest lines of all tenants go until there is room")
    func freeDisk() throws {
        let disk = SmallDisk()
        let store = try open(LogRetention(), fileSystem: disk) { $0.minFreeDiskBytes = 1000 }
        for (tenant, hours) in [("b", 0), ("a", 1), ("b", 2)] as [(String, Int64)] {
            time.withLock { $0 = noon / 1_000_000_000 + hours * Self.hour }
            try store.append(LogRecord([(web, [entry(hours)])]), tenant: tenant)
            time.withLock { $0 += 301 }
            store.maintain()
        }
        #expect(try store.read(tenant: "b")[web]?.count == 2)
        // The first reading is of too little room, the one after the oldest file has gone is of enough.
        disk.readings.withLock { $0 = [999, 1000] }
        store.maintain()
        #expect(try store.read(tenant: "b")[web] == [entry(2)])
        #expect(try store.read(tenant: "a")[web] == [entry(1)])
        disk.readings.withLock { $0 = [0, 0, 0] }
        store.maintain()
        #expect(store.tenantCount == 0)
    }
}
