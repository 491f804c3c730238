import Bolt
import Durable
import LogQL
import LogStorage
import MartletCore
import Testing

@Suite("Segment files and the index")
struct IndexedReadsTests {
    let directory: TemporaryDirectory
    let time = Lock<Int64>(noon / 1_000_000_000)
    let web = Labels([("app", "web")])
    let db = Labels([("app", "db")])

    init() throws { directory = try TemporaryDirectory("logs") }

    /// Directories of segment files do not stay in memory, unless it is said how many bytes they may have.
    private func open(
        directories: Int? = 1, fileSystem: any FileSystem = DiskFileSystem(),
        _ change: (inout LogStorageOptions) -> Void = { _ in }
    ) throws -> LogStore {
        var options = LogStorageOptions()
        options.maxDirectoryBytes = directories
        change(&options)
        return try LogStore.open(
            directory.path, options, fileSystem: fileSystem, clock: { [time] in time.withLock { $0 } })
    }

    private var now: Int64 { time.withLock { $0 } * 1_000_000_000 }

    private func entries(_ count: Int, at start: Int64) -> [Entry] {
        (0..<count).map { Entry(time: start + Int64($0) * 1_000_000, line: "request \($0) took \($0 % 7)ms") }
    }

    /// Pushes, then lets the generation end and become a file.
    private func persist(_ store: LogStore, _ streams: [(labels: Labels, entries: [Entry])]) throws {
        try store.append(LogRecord(streams), tenant: "fake")
        time.withLock { $0 += 301 }
        store.maintain()
    }

    private func index(_ day: Int = 20454) throws -> LogIndex {
        try LogIndex(directory.file("tenants/fake/index/\(day).bolt"), fileSystem: DiskFileSystem())
    }

    private func spans() throws -> Set<SegmentSpan> {
        let names = try DiskFileSystem().list(directory.file("tenants/fake/segments"))
        return Set(
            names.compactMap { name in
                let parts = name.split(whereSeparator: { $0 == "-" || $0 == "." }).dropLast().compactMap { Int($0) }
                return parts.count < 2
                    ? nil : SegmentSpan(first: parts[0], last: parts[1], revision: parts.count > 2 ? parts[2] : 0)
            })
    }

    @Test("queries open only files that hold their streams in the time asked for")
    func opened() throws {
        let store = try open()
        let start = now
        try persist(store, [(web, entries(10, at: now))])
        let second = now
        try persist(store, [(db, entries(10, at: now))])
        let third = now
        try persist(store, [(web, entries(10, at: now)), (db, entries(10, at: now - 400_000_000_000))])
        func reads(_ labels: Labels, _ range: Range<Int64>) throws -> (files: Int, entries: Int) {
            let before = store.directoryReads
            let found = try store.read(
                [Matcher(equal: "app", labels["app"] ?? "")], start: range.lowerBound, end: range.upperBound)
            return (store.directoryReads - before, found.values.reduce(0) { $0 + $1.count })
        }
        #expect(try reads(web, 0..<(.max)) == (2, 20))
        #expect(try reads(db, 0..<(.max)) == (2, 20))
        #expect(try reads(web, start..<second) == (1, 10))
        #expect(try reads(db, start..<second) == (1, 10), "they came later")
        #expect(try reads(web, second..<third) == (0, 0))
        #expect(try reads(web, third..<third + 1_000_000_000) == (1, 10))
        #expect(try reads(db, third..<third + 1_000_000_000) == (0, 0), "the file has the stream, but not then")
        #expect(try reads(Labels([("app", "none")]), 0..<(.max)) == (0, 0))
    }

    @Test("are read without the index while memory has their directories")
    func inMemory() throws {
        let store = try open(directories: nil)
        try persist(store, [(web, entries(10, at: now))])
        try DiskFileSystem().unlink(directory.file("tenants/fake/index/20454.bolt"))
        #expect(try store.read()[web]?.count == 10)
        #expect(store.directoryReads == 0)
    }

    @Test("agree after merges, retention and a restart")
    func agreement() throws {
        do {
            let store = try open { $0.retention = LogRetention(seconds: 3000) }
            for round in 0..<9 {
                try persist(
                    store, [(web, entries(50, at: now)), (Labels([("app", "\(round % 3)")]), entries(5, at: now))])
                let count = try store.read().values.reduce(0) { $0 + $1.count }
                #expect(count == 55 * (round + 1))
            }
            try store.close()
        }
        #expect(try spans().count < 9, "some were merged")
        #expect(try index().segmentSpans() == spans())
        do {
            let store = try open { $0.retention = LogRetention(seconds: 3000) }
            time.withLock { $0 += 2000 }
            store.maintain()
            #expect(try store.read()[web].map { !$0.isEmpty && $0.count < 450 } == true)
            try store.close()
        }
        #expect(try index().segmentSpans() == spans())
        #expect(try index().problems().isEmpty)
    }

    @Test("of lines of several days are in the index of each")
    func days() throws {
        let day: Int64 = 86_400_000_000_000
        let store = try open()
        try persist(store, [(web, entries(5, at: noon - 2 * day) + entries(5, at: noon)), (db, entries(5, at: noon))])
        for (at, labels, files) in [
            (noon - 2 * day, web, 1), (noon - 2 * day, db, 0), (noon - day, web, 1), (noon, db, 1),
        ] {
            let before = store.directoryReads
            let found = try store.read([Matcher(equal: "app", labels["app"] ?? "")], start: at, end: at + 1_000_000_000)
            #expect(found.isEmpty == (at == noon - day || files == 0))
            #expect(store.directoryReads - before == files, "one block may reach over days")
        }
        try store.close()
        for number in 20452...20454 { #expect(try index(number).segmentSpans() == spans()) }
    }

    @Test("are found in their directories where an index is damaged, which is made anew at the next start")
    func damage() throws {
        let path = directory.file("tenants/fake/index/20454.bolt")
        do {
            let store = try open()
            try persist(store, [(web, entries(10, at: now))])
            try persist(store, [(db, entries(10, at: now))])
            try store.close()
        }
        try DiskFileSystem().open(path, .readWrite).write([UInt8](repeating: 0xAA, count: 9000), at: 0)
        do {
            let store = try open()
            #expect(try store.read()[web]?.count == 10)
            try store.close()
        }
        #expect(try DiskFileSystem().exists(path + ".damaged"))
        #expect(try index().segmentSpans() == spans())
        #expect(try Set(index().allStreams().map(\.labels)) == [web, db])
    }

    @Test("become files also when the index is damaged in use: another comes in its place, with all streams")
    func damageInUse() throws {
        let path = directory.file("tenants/fake/index/20454.bolt")
        do {
            let store = try open()
            try persist(store, [(web, entries(10, at: now))])
            // All but the meta pages.
            let size = try Int(DiskFileSystem().status(path).size)
            try DiskFileSystem().open(path, .readWrite).write([UInt8](repeating: 0xAA, count: size - 8192), at: 8192)
            try persist(store, [(db, entries(10, at: now))])
            #expect(try spans().count == 2)
            #expect(try DiskFileSystem().exists(path + ".damaged"))
            #expect(try store.read().mapValues(\.count) == [web: 10, db: 10])
            try store.close()
        }
        #expect(try Set(index().allStreams().map(\.labels)) == [web, db])
        #expect(try index().segmentSpans().count == 1)
        do {
            let store = try open()
            #expect(try store.read().mapValues(\.count) == [web: 10, db: 10])
            try store.close()
        }
        #expect(try index().segmentSpans() == spans())
    }

    /// The first sync is the record log's, which writes no more after one that failed.
    @Test("become files after the disk has failed one sync, whichever it was", arguments: 1..<12)
    func failedSync(count: Int) throws {
        let disk = try RecordingFileSystem(root: directory.path)
        let store = try open(fileSystem: disk)
        try persist(store, [(web, entries(10, at: now))])
        try store.append(LogRecord([(db, entries(10, at: now))]), tenant: "fake")
        time.withLock { $0 += 301 }
        disk.failSync(after: count)
        for _ in 0..<3 { store.maintain() }
        #expect(try store.read().mapValues(\.count) == [web: 10, db: 10])
        #expect(try spans().count == 2)
        try store.close()
        #expect(try index().segmentSpans() == spans())
        #expect(try index().problems().isEmpty)
        #expect(try Set(index().allStreams().map(\.labels)) == [web, db])
    }

    @Test("written before indexes knew of them are added when a directory is opened")
    func firstFormat() throws {
        let path = directory.file("tenants/fake/index/20454.bolt")
        do {
            let store = try open()
            try persist(store, [(web, entries(10, at: now))])
            try persist(store, [(db, entries(10, at: now))])
            try store.close()
        }
        try DiskFileSystem().unlink(path)
        do {
            let db = try DB(path, options: .init(fileSystem: DiskFileSystem()))
            try db.update { tx in
                try tx.createBucket(Array("meta".utf8)).put(Array("format".utf8), Array("1".utf8))
                let streams = try tx.createBucket(Array("streams".utf8))
                try streams.put(withUnsafeBytes(of: web.hash64.bigEndian) { Array($0) }, web.bytes)
                try tx.createBucket(Array("labels".utf8))
            }
        }
        do {
            let store = try open()
            #expect(try store.read()[web]?.count == 10)
            let before = store.directoryReads
            #expect(try store.read([Matcher(equal: "app", "db")])[db]?.count == 10)
            #expect(store.directoryReads - before == 1)
            try store.close()
        }
        #expect(try Set(index().allStreams().map(\.labels)) == [web, db])
        #expect(try index().segmentSpans() == spans())
    }

    @Test(
        "are told by an index of format 2 as they are by a new one, and its label pairs go when a directory is opened")
    func secondFormat() throws {
        let path = directory.file("tenants/fake/index/20454.bolt")
        let (meta, labels, format) = (Array("meta".utf8), Array("labels".utf8), Array("format".utf8))
        do {
            let store = try open()
            try persist(store, [(web, entries(10, at: now))])
            try persist(store, [(db, entries(10, at: now))])
            try store.close()
        }
        do {
            let db = try DB(path, options: .init(fileSystem: DiskFileSystem()))
            try db.update { tx in
                try tx.createBucketIfNotExists(meta).put(format, Array("2".utf8))
                let pairs = try tx.createBucket(labels)
                for number in UInt8(0)..<200 {
                    try pairs.put([0, 0, 0, 1, number], [UInt8](repeating: number, count: 999))
                }
            }
        }
        #expect(throws: BoltError.self, "only opening a directory brings it to this format") { try index() }
        do {
            let store = try open()
            let before = store.directoryReads
            #expect(try store.read([Matcher(equal: "app", "db")])[db]?.count == 10)
            #expect(store.directoryReads - before == 1)
            try persist(store, [(web, entries(10, at: now))])
            try store.close()
        }
        #expect(
            try DiskFileSystem().list(directory.file("tenants/fake/index")) == ["20454.bolt"], "nothing was put aside")
        #expect(try index().problems().isEmpty)
        #expect(try Set(index().allStreams().map(\.labels)) == [web, db])
        #expect(try index().segmentSpans() == spans())
        let bolt = try DB(path, options: .init(fileSystem: DiskFileSystem()))
        #expect(try bolt.view { try $0.bucketNames() } == [meta, Array("segments".utf8), Array("streams".utf8)])
        #expect(try bolt.view { try $0.bucket(meta)?.get(format) } == Array("3".utf8))
    }

    @Test("make an index that is small beside the lines, also where each stream has few")
    func size() throws {
        let streams = 10_000
        var (written, raw) = (0, 0)
        do {
            let store = try open(directories: nil) { $0.generationBytes = 8 << 20 }
            for round in 0..<4 {
                var record = LogRecord()
                for stream in 0..<streams {
                    record.beginStream(Self.labels(stream))
                    for line in 0..<5 {
                        let text =
                            "level=info ts=\(now + Int64(line)) caller=handler.go:\(line * 7) msg=\"request done\" id=\(stream * 31 + round) ms=\(line)"
                        raw += text.utf8.count
                        Bytes.of(text) {
                            record.append(
                                timestamp: now + Int64(line * 1000), line: $0, metadata: .init(start: nil, count: 0))
                        }
                    }
                }
                try store.append(record, tenant: "fake")
                time.withLock { $0 += 301 }
                store.maintain()
            }
            try store.close()
            written = try index().usedBytes
        }
        let files = try DiskFileSystem().list(directory.file("tenants/fake/segments")).reduce(Int64(0)) {
            try $0 + DiskFileSystem().status(directory.file("tenants/fake/segments/\($1)")).size
        }
        #expect(written * 10 <= raw, "\(written) bytes of index, \(raw) of lines")
        #expect(written * 5 <= Int(files), "\(written) bytes of index, \(files) of segment files")
        #expect(try index().problems().isEmpty)
    }

    /// Labels as those of a cluster: one of them is each stream's own.
    static func labels(_ stream: Int) -> Labels {
        Labels([
            ("app", "app-\(stream % 50)"), ("cluster", "eu-west-1"), ("container", "main"),
            ("namespace", "team-\(stream % 20)"),
            ("pod", "app-\(stream % 50)-\(String(Hash64.hash(Array("\(stream)".utf8)) >> 24, radix: 36))"),
        ])
    }
}
