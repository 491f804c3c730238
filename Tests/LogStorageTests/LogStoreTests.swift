import Durable
import LogQL
import LogStorage
import MartletCore
import Testing

@Suite("The log store")
struct LogStoreTests {
    let directory: TemporaryDirectory
    let web = Labels([("app", "web"), ("env", "prod")])

    init() throws { directory = try TemporaryDirectory("logs") }

    private func entries(_ range: Range<Int>, step: Int64 = 1_000_000) -> [Entry] {
        range.map {
            Entry(time: noon + Int64($0) * step, line: "line \($0)", metadata: $0 % 3 == 0 ? "t\($0 % 9)" : "")
        }
    }

    @Test("gives back what was pushed, by time, with metadata, before and after a restart")
    func roundTrip() throws {
        var options = LogStorageOptions()
        options.blockBytes = 500
        let all = entries(0..<200)
        do {
            let store = try LogStore.open(directory.path, options)
            for chunk in stride(from: 0, to: 200, by: 20) {
                try store.append(LogRecord([(web, Array(all[chunk..<chunk + 20]))]), tenant: "fake")
            }
            #expect(try store.read() == [web: all])
            #expect(try store.read(direction: .backward).values.first.map { Set($0) } == Set(all))
            try store.close()
        }
        let store = try LogStore.open(directory.path, options)
        #expect(try store.read() == [web: all])
        #expect(store.streamCount(tenant: "fake") == 1)
    }

    @Test(
        "takes entries in any order of time and collapses copies, wherever they lie", arguments: [1, 2, 3] as [UInt64])
    func orderAndCopies(seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        var options = LogStorageOptions()
        options.blockBytes = 300
        let store = try LogStore.open(directory.path, options)
        var expected = Set<Entry>()
        for _ in 0..<60 {
            let batch = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
                // Few distinct times, lines and metadata: many copies and many equal times.
                Entry(
                    time: noon + Int64.random(in: 0..<40, using: &generator),
                    line: "l\(Int.random(in: 0..<5, using: &generator))",
                    metadata: Bool.random(using: &generator) ? "m" : "")
            }
            expected.formUnion(batch)
            try store.append(LogRecord([(web, batch)]), tenant: "fake")
        }
        let found = try store.read()[web] ?? []
        #expect(found.count == expected.count)
        #expect(Set(found) == expected)
        #expect(found.map(\.time) == found.map(\.time).sorted())
    }

    @Test("selects by matchers, by a half-open range of time and by line filters")
    func selection() throws {
        let store = try LogStore.open(directory.path)
        try store.append(
            LogRecord([(web, entries(0..<100)), (Labels([("app", "db")]), entries(0..<10))]), tenant: "fake")
        let db = try store.read([Matcher(equal: "app", "db")])
        #expect(db.keys.map { $0 } == [Labels([("app", "db")])])
        #expect(try store.read([Matcher(.notRegex, "app", "w.*|d.*")]).isEmpty)
        let part = try store.read(
            [Matcher(equal: "app", "web")], start: noon + 10_000_000, end: noon + 20_000_000)
        #expect(part[web] == entries(10..<20))
        let filter = LineFilter(.contains, [.text(Array("7".utf8))])
        let sevens = try store.read([Matcher(equal: "app", "web")], filters: [filter])[web] ?? []
        #expect(sevens == entries(0..<100).filter { $0.line.contains("7") })
    }

    @Test("gives batches newest first until the reader has enough")
    func stopping() throws {
        var options = LogStorageOptions()
        options.blockBytes = 100
        let store = try LogStore.open(directory.path, options)
        for chunk in 0..<20 {
            try store.append(LogRecord([(web, entries(chunk * 10..<chunk * 10 + 10))]), tenant: "fake")
        }
        var newest: [Int64] = []
        let selection = LogSelection(matchers: [], start: 0, end: .max, direction: .backward)
        let context = LogQueryContext()
        try store.source(tenant: "fake")?.entries(selection, context: context) { batch in
            newest.append(batch.timestamps[Int(batch.rows[batch.rows.count - 1])])
            return newest.count < 3 ? .more : .moreUntil(noon + 150_000_000)
        }
        #expect(newest == newest.sorted(by: >))
        #expect(newest.first == noon + 199_000_000)
        #expect(context.totalLines < 80, "blocks before the bound are not read")
    }

    @Test("keeps tenants apart, in memory and on disk")
    func tenants() throws {
        let store = try LogStore.open(directory.path)
        try store.append(LogRecord([(web, entries(0..<3))]), tenant: "a")
        try store.append(LogRecord([(web, entries(5..<6))]), tenant: "b")
        #expect(try store.read(tenant: "a") == [web: entries(0..<3)])
        #expect(try store.read(tenant: "b") == [web: entries(5..<6)])
        #expect(store.source(tenant: "c") == nil)
        #expect(try DiskFileSystem().list(directory.file("tenants")) == ["a", "b"])
    }

    @Test("drops what is past retention, in memory, in the log and in the index")
    func retention() throws {
        var options = LogStorageOptions()
        options.generationSeconds = 60
        options.retention.seconds = 87_000
        let time = Lock<Int64>(noon / 1_000_000_000)
        let store = try LogStore.open(directory.path, options, clock: { time.withLock { $0 } })
        try store.append(
            LogRecord([(web, [Entry(time: noon - 86_400_000_000_000, line: "yesterday")])]), tenant: "fake")
        store.maintain()
        time.withLock { $0 += 100 }
        store.maintain()
        #expect(try index().count == 1)
        try store.append(LogRecord([(web, [Entry(time: noon, line: "today")])]), tenant: "fake")
        time.withLock { $0 += 100 }
        store.maintain()
        #expect(try index().count == 2)
        #expect(try store.read()[web]?.count == 2)
        time.withLock { $0 += 550 }
        store.maintain()
        #expect(try store.read()[web]?.map(\.line) == ["today"])
        #expect(try index().count == 1)
        #expect(try DiskFileSystem().list(directory.file("tenants/fake/segments")).count == 1)
        #expect(try DiskFileSystem().list(directory.file("tenants/fake/wal")).isEmpty)
        time.withLock { $0 += 90_000 }
        store.maintain()
        #expect(try store.read().isEmpty)
        #expect(try DiskFileSystem().list(directory.file("tenants")).isEmpty)
    }

    @Test(
        "writes the oldest to disk when memory runs out, and stays inside its share", arguments: [200 << 10, 64 << 20])
    func memoryLimit(generation: Int) throws {
        var options = LogStorageOptions()
        options.generationBytes = generation
        options.blockBytes = 16 << 10
        let store = try LogStore.open(directory.path, options, memory: 4 << 20)
        var generator = SeededGenerator(5)
        for push in 0..<200 {
            let lines = (0..<100).map { index in
                Entry(
                    time: noon + Int64(push * 100 + index),
                    line: String(
                        (0..<200).map { _ in Character(Unicode.Scalar(UInt8.random(in: 97...122, using: &generator))) })
                )
            }
            try store.append(LogRecord([(web, lines)]), tenant: "fake")
            #expect(store.memoryBytes <= 2 << 20)
        }
        let kept = try store.read()[web] ?? []
        #expect(kept.map(\.time) == (0..<20_000).map { noon + $0 })
        try store.close()
    }

    @Test("replays a log that is larger than its memory, and keeps all of it")
    func replayBeyondMemory() throws {
        var generator = SeededGenerator(9)
        do {
            let store = try LogStore.open(directory.path)
            for push in 0..<100 {
                let lines = (0..<200).map { index in
                    let noise = (0..<5).map { _ in String(generator.next(), radix: 16) }.joined()
                    return Entry(time: noon + Int64(push * 200 + index), line: noise)
                }
                try store.append(LogRecord([(web, lines)]), tenant: "fake")
            }
            try store.close()
        }
        let store = try LogStore.open(directory.path, memory: 1 << 20)
        store.maintain()
        #expect(store.memoryBytes <= 512 << 10)
        #expect(try store.read()[web]?.map(\.time) == (0..<20_000).map { noon + $0 })
    }

    @Test("forgets streams whose lines are gone, and knows them again when they come back")
    func streamChurn() throws {
        var options = LogStorageOptions()
        options.generationSeconds = 10
        options.retention.seconds = 30
        let time = Lock<Int64>(noon / 1_000_000_000)
        let store = try LogStore.open(directory.path, options, clock: { time.withLock { $0 } })
        func at(_ round: Int) -> Int64 { noon + Int64(round) * 20_000_000_000 }
        for round in 0..<20 {
            for number in 0..<5 {
                let labels = Labels([("app", "web"), ("pod", "\(round)-\(number)")])
                try store.append(LogRecord([(labels, [Entry(time: at(round), line: "x")])]), tenant: "fake")
            }
            try store.append(LogRecord([(web, [Entry(time: at(round), line: "y")])]), tenant: "fake")
            store.maintain()
            time.withLock { $0 += 20 }
        }
        #expect(store.streamCount(tenant: "fake") < 40)
        let kept = try store.read()
        #expect(kept.values.allSatisfy { !$0.isEmpty })
        #expect(kept.keys.allSatisfy { $0["app"] == "web" })
        #expect(kept[web]?.map(\.time).max() == at(19))
    }

    @Test("refuses a push that can never fit with a clear error")
    func tooLarge() throws {
        let store = try LogStore.open(directory.path, memory: 1 << 20)
        let line = Entry(time: noon, line: String(repeating: "x", count: 600 << 10))
        #expect(throws: LogStorageError.memoryFull(limit: 512 << 10)) {
            try store.append(LogRecord([(web, [line])]), tenant: "fake")
        }
    }

    @Test("writes the day's streams to a bolt file")
    func indexContent() throws {
        let db = Labels([("app", "db"), ("zone", "a\u{0}b")])
        do {
            let store = try LogStore.open(directory.path)
            try store.append(LogRecord([(web, entries(0..<2)), (db, entries(0..<2))]), tenant: "fake")
            try store.close()
        }
        let opened = try LogIndex(directory.file("tenants/fake/index/20454.bolt"), fileSystem: DiskFileSystem())
        #expect(try Set(opened.allStreams().map(\.labels)) == [web, db])
    }

    @Test("puts a damaged index aside and rebuilds it from the log")
    func damagedIndex() throws {
        do {
            let store = try LogStore.open(directory.path)
            try store.append(LogRecord([(web, entries(0..<2))]), tenant: "fake")
            try store.close()
        }
        let path = directory.file("tenants/fake/index/20454.bolt")
        let file = try DiskFileSystem().open(path, .readWrite)
        try file.write([UInt8](repeating: 0xAA, count: 9000), at: 0)
        do {
            let store = try LogStore.open(directory.path)
            #expect(try store.read() == [web: entries(0..<2)])
        }
        #expect(try DiskFileSystem().exists(path + ".damaged"))
        #expect(try LogIndex(path, fileSystem: DiskFileSystem()).allStreams().map(\.labels) == [web])
    }

    @Test("summarises streams without reading their lines")
    func summaries() throws {
        let store = try LogStore.open(directory.path)
        try store.append(
            LogRecord([(web, entries(0..<100)), (Labels([("app", "db")]), entries(0..<10))]), tenant: "fake")
        let source = try #require(store.source(tenant: "fake"))
        let context = LogQueryContext()
        let all = try source.streams(matching: [], start: 0, end: .max, context: context)
        #expect(all.map(\.labels) == [Labels([("app", "db")]), web])
        #expect(all.map(\.entries) == [10, 100])
        let half = try source.streams(
            matching: [[Matcher(equal: "app", "web")]], start: noon, end: noon + 50_000_000, context: context)
        #expect(half.map(\.entries).first.map { abs($0 - 50) <= 2 } == true)
        #expect(context.totalLines == 0)
    }

    @Test("counts what a deletion leaves as it counts what is stored", arguments: [1 << 20, 100])
    func summariesOfTheLeft(blockBytes: Int) throws {
        var options = LogStorageOptions()
        options.blockBytes = blockBytes
        let store = try LogStore.open(directory.path, options)
        let lines = (0..<100).map { number in
            Entry(
                time: noon + Int64(number), line: "line \(number)", metadata: number < 50 ? "0123456789abcdef" : "")
        }
        try store.append(LogRecord([(web, lines)]), tenant: "fake")
        let stored = try #require(store.source(tenant: "fake"))
        func found(without query: String) throws -> [LogStreamSummary] {
            let deletion = try LogDeletion(query: query, start: 0, end: .max)
            return try DeletingSource(stored, without: [deletion])
                .streams(matching: [], start: 0, end: .max, context: LogQueryContext())
        }
        let all = try stored.streams(matching: [], start: 0, end: .max, context: LogQueryContext())
        #expect(all.first.map(\.chunks) ?? 0 > (blockBytes > 100 ? 0 : 5))
        func figures(_ found: [LogStreamSummary]) -> [[Int]] { found.map { [$0.chunks, $0.entries, $0.bytes] } }
        #expect(try figures(found(without: #"{app="web"} |= "no such text""#)) == figures(all))
        let left = try found(without: #"{app="web"} | trace!="""#)
        #expect(left.map(\.entries) == [50])
        #expect(left.map(\.bytes) == [50 * "line 50".utf8.count], "metadata of lines that are gone is gone")
    }

    @Test("reads a stream up to the first line that a deletion leaves, to tell that it is there")
    func leftLabels() throws {
        var options = LogStorageOptions()
        options.blockBytes = 1000
        let store = try LogStore.open(directory.path, options)
        let other = Labels([("app", "web"), ("pod", "1")])
        try store.append(LogRecord([(web, entries(0..<1000)), (other, entries(0..<5))]), tenant: "fake")
        let stored = try #require(store.source(tenant: "fake"))
        func found(_ query: String, _ context: LogQueryContext, _ matchers: [[Matcher]] = []) throws -> [Labels] {
            let deletion = try LogDeletion(query: query, start: 0, end: .max)
            return try DeletingSource(stored, without: [deletion]).streams(
                LogStreamSelection(matching: matchers, start: 0, end: .max, .labels), context: context
            ).map(\.labels)
        }
        let context = LogQueryContext()
        #expect(try found(#"{app="web"} |= "no such text""#, context) == [web, other].sorted())
        #expect((1..<300).contains(context.totalLines), "read \(context.totalLines)")
        #expect(try found(#"{app="web"} | pod="1""#, LogQueryContext()) == [web])
        let few = LogQueryContext()
        #expect(try found(#"{app="web"} |~ ".*""#, few, [[Matcher(equal: "pod", "1")]]) == [])
        #expect(few.totalLines == 5, "streams that are not asked for are not read")
    }

    @Test("gives summaries that a query can be done with")
    func summaryMemory() throws {
        let store = try LogStore.open(directory.path)
        try store.append(
            LogRecord([(web, entries(0..<10)), (Labels([("app", "db")]), entries(0..<10))]), tenant: "fake")
        let stored = try #require(store.source(tenant: "fake"))
        let deletion = try LogDeletion(query: #"{app="db"}"#, start: 0, end: .max)
        let sources: [any LogSource] = [stored, DeletingSource(stored, without: [deletion])]
        for source in sources {
            let context = LogQueryContext(memoryLimit: 2000)
            for _ in 0..<100 {
                let found = try source.streams(matching: [], start: 0, end: .max, context: context)
                context.release(found.reduce(0) { $0 + $1.heldBytes })
            }
            #expect(throws: LogQueryError.self, "what is not given back adds up") {
                for _ in 0..<100 { _ = try source.streams(matching: [], start: 0, end: .max, context: context) }
            }
        }
    }

    private func index() throws -> [String] { try DiskFileSystem().list(directory.file("tenants/fake/index")) }
}
