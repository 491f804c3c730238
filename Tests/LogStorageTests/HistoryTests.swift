import Durable
import LogQL
import LogStorage
import MartletCore
import Testing

/// Copies of sealed files in a directory, as an object store would have them.
private final class Copies: SealedHistory {
    private struct Copy {
        let tenant: String
        let writer: String
        let file: SealedFile
    }

    private let directory: String
    private let copies = Lock<[Copy]>([])

    init(_ directory: String) throws {
        self.directory = directory
        try DiskFileSystem().makeDirectories(directory)
    }

    /// Takes a copy of all that a store has sealed.
    func take(_ store: LogStore, writer: String = "own") throws {
        for (tenant, state) in store.sealed(now: noon) {
            for file in state.files where !copies.withLock({ $0.contains { $0.file.span == file.span } }) {
                let path = FilePath.join(directory, "\(writer)-\(tenant)-\(FilePath.name(of: file.path))")
                try AtomicFile.publish(path, try DiskFileSystem().read(file.path, limit: 1 << 20))
                let copy = SealedFile(path: path, size: file.size, span: file.span, times: file.times)
                copies.withLock { $0.append(Copy(tenant: tenant, writer: writer, file: copy)) }
            }
        }
    }

    var paths: [String] { copies.withLock { $0.map(\.file.path) } }

    func files(
        of tenant: String, overlapping times: ClosedRange<Int64>, beside held: [SealedSpan]
    ) throws(DurableError) -> [HistoryFile] {
        var found: [HistoryFile] = []
        for copy in copies.withLock({ $0 }) where copy.tenant == tenant && copy.file.times.overlaps(times) {
            if copy.writer == "own", held.contains(where: { $0.overlaps(copy.file.span) }) { continue }
            found.append(
                HistoryFile(
                    key: copy.file.path, writer: copy.writer, span: copy.file.span, size: copy.file.size,
                    file: try DiskFileSystem().open(copy.file.path, .read)))
        }
        return found
    }

    func prepare(_ wanted: [(file: HistoryFile, range: Range<Int64>)]) throws(DurableError) {}
}

@Suite("Log lines that lie elsewhere")
struct HistoryTests {
    private let directory: TemporaryDirectory
    private let time = Lock<Int64>(noon / 1_000_000_000)
    private let web = Labels([("app", "web")])
    private let db = Labels([("app", "db")])
    private let copies: Copies

    init() throws {
        directory = try TemporaryDirectory("logs")
        copies = try Copies(directory.file("elsewhere"))
    }

    private func open(
        _ name: String = "store", _ change: (inout LogStorageOptions) throws -> Void = { _ in }
    ) throws -> LogStore {
        var options = LogStorageOptions()
        try change(&options)
        let store = try LogStore.open(directory.file(name), options, clock: { [time] in time.withLock { $0 } })
        store.setHistory(copies)
        return store
    }

    private func entries(_ range: Range<Int>) -> [Entry] {
        range.map { Entry(time: noon + Int64($0) * 1_000_000, line: "request \($0) took \($0 % 7)ms") }
    }

    /// Pushes, then lets the generation end and become a file.
    private func persist(_ store: LogStore, _ streams: [(labels: Labels, entries: [Entry])]) throws {
        try store.append(LogRecord(streams), tenant: "fake")
        time.withLock { $0 += 301 }
        store.maintain()
    }

    private func deletion(_ query: String) throws -> LogDeletion {
        try LogDeletion(query: query, start: 0, end: .max)
    }

    private func sealed(_ store: LogStore) throws -> SealedState {
        try #require(store.sealed(now: time.withLock { $0 } * 1_000_000_000)["fake"])
    }

    @Test("a sealed file tells its segments, its arrivals and its times")
    func description() throws {
        let store = try open()
        let before = time.withLock { $0 }
        try persist(store, [(web, entries(0..<50))])
        let file = try #require(try sealed(store).files.first)
        #expect(file.span.segments == 0...0)
        #expect(file.span.arrivals == before * 1_000_000_000...before * 1_000_000_000)
        #expect(file.times == noon...noon + 49_000_000)
        #expect(file.size == (try DiskFileSystem().status(file.path).size))
    }

    @Test("a file that was written again comes in the place of the one before, and says so")
    func revision() throws {
        let store = try open()
        try persist(store, [(web, entries(0..<10)), (db, entries(0..<5))])
        let before = try #require(try sealed(store).files.first)
        #expect(try store.purge([deletion(#"{app="web"}"#)], tenant: "fake"))
        let state = try sealed(store)
        let after = try #require(state.files.first)
        #expect(after.span.revision == 1)
        #expect(after.span.segments == before.span.segments)
        #expect(state.hasReplaced(before.span))
        #expect(!state.hasReplaced(after.span))
        #expect(!before.span.covers(after.span))
        #expect(state.gone.isEmpty)
    }

    @Test("files of which nothing is left are said to be gone, until somebody has taken note")
    func gone() throws {
        let store = try open()
        try persist(store, [(web, entries(0..<10))])
        try persist(store, [(db, entries(10..<20))])
        let first = try #require(try sealed(store).files.first)
        #expect(try store.purge([deletion(#"{app="web"}"#)], tenant: "fake"))
        let state = try sealed(store)
        #expect(state.files.map(\.span.segments) == [1...1])
        #expect(state.gone == [first.span])
        store.forget(state.gone, tenant: "fake")
        #expect(try sealed(store).gone.isEmpty)
    }

    @Test("files that are past retention are gone, also when their tenant is")
    func goneTenant() throws {
        let store = try open { $0.retention = LogRetention(seconds: 3600) }
        try persist(store, [(web, entries(0..<10))])
        let spans = try sealed(store).files.map(\.span)
        time.withLock { $0 += 7200 }
        store.maintain()
        #expect(store.tenantCount == 0)
        #expect(try sealed(store).files.isEmpty)
        #expect(try sealed(store).gone == spans)
    }

    @Test("a file that leaves the disk for want of room is not gone elsewhere")
    func room() throws {
        let store = try open { $0.retentionBytes = 1 }
        try persist(store, [(web, entries(0..<10))])
        try copies.take(store)
        try persist(store, [(web, entries(10..<20))])
        #expect(try sealed(store).files.map(\.span.segments) == [1...1])
        #expect(try sealed(store).gone.isEmpty)
        #expect(try store.read() == [web: entries(0..<20)])
    }

    @Test("lines elsewhere that are past their retention are in no answer, whatever their file has beside them")
    func past() throws {
        let store = try open {
            $0.retention = LogRetention(
                seconds: 1_000_000,
                rules: [.init(matchers: [try Matcher(.equal, "app", "web")], priority: 1, seconds: 3600)])
        }
        try persist(store, [(web, entries(0..<10)), (db, entries(0..<5))])
        try persist(store, [(db, entries(5..<6))])
        try copies.take(store)
        try store.removeLocally(Array(try sealed(store).files.dropLast()), tenant: "fake")
        #expect(try store.read() == [web: entries(0..<10), db: entries(0..<6)])
        time.withLock { $0 += 3600 }
        #expect(try store.read() == [db: entries(0..<6)])
        let streams = try #require(store.source(tenant: "fake")).streams(
            matching: [], start: 0, end: .max, context: LogQueryContext())
        #expect(streams.map(\.labels) == [db])
    }

    @Test("what waits for files elsewhere is one part, which says so; what is here only is not")
    func remoteParts() throws {
        let store = try open()
        try persist(store, [(web, entries(0..<10))])
        try persist(store, [(web, entries(10..<20))])
        try copies.take(store)
        let selection = LogSelection(matchers: [], start: 0, end: .max, direction: .forward)
        func parts() throws -> [any LogReader] {
            try #require(store.source(tenant: "fake")).parts(of: selection, context: LogQueryContext())
        }
        #expect(try parts().map(\.isRemote) == [false])
        try store.removeLocally(Array(try sealed(store).files.dropLast()), tenant: "fake")
        #expect(try parts().map(\.isRemote) == [true])
    }

    @Test("everything is said to be sealed up to the first line that is not")
    func watermark() throws {
        let store = try open()
        try persist(store, [(web, entries(0..<5))])
        let idle = time.withLock { $0 }
        #expect(try sealed(store).sealedUntil == (idle - 1) * 1_000_000_000)
        try store.append(LogRecord([(web, entries(5..<6))]), tenant: "fake")
        time.withLock { $0 += 100 }
        #expect(try sealed(store).sealedUntil == idle * 1_000_000_000)
    }

    @Test("lines are read as before when their files have left the disk, also after a restart")
    func evicted() throws {
        let expected = [web: entries(0..<30), db: entries(0..<5)]
        do {
            let store = try open()
            try persist(store, [(web, entries(0..<10)), (db, entries(0..<5))])
            try persist(store, [(web, entries(10..<20))])
            try persist(store, [(web, entries(20..<25))])
            try store.append(LogRecord([(web, entries(25..<30))]), tenant: "fake")
            try copies.take(store)
            #expect(try store.read() == expected)
            let context = LogQueryContext()
            let before = try #require(store.source(tenant: "fake")).streams(
                matching: [], start: 0, end: .max, context: context)
            try store.removeLocally(Array(try sealed(store).files.dropLast()), tenant: "fake")
            #expect(try sealed(store).files.map(\.span.segments) == [2...2])
            #expect(try store.read() == expected)
            #expect(try store.read([Matcher(.equal, "app", "db")]) == [db: entries(0..<5)])
            let after = try #require(store.source(tenant: "fake")).streams(
                matching: [], start: 0, end: .max, context: context)
            #expect(after.map(\.labels) == before.map(\.labels))
            #expect(after.map(\.entries) == [5, 30])
            try store.close()
        }
        let store = try open()
        #expect(try store.read() == expected)
        try persist(store, [(web, entries(30..<40))])
        #expect(try store.read()[web] == entries(0..<40))
    }

    @Test("a process that has nothing itself reads what others have, and copies of a line once")
    func others() throws {
        for (name, range) in [("one", 0..<20), ("two", 10..<30)] {
            let store = try LogStore.open(directory.file(name), clock: { [time] in time.withLock { $0 } })
            try persist(store, [(web, entries(range))])
            try copies.take(store, writer: name)
        }
        let store = try open("reader")
        #expect(try store.read() == [web: entries(0..<30)])
        #expect(try store.read(direction: .backward)[web].map { Set($0) } == Set(entries(0..<30)))
        #expect(try store.read(tenant: "other").isEmpty)
    }

    @Test("where a file of this disk is damaged its copy is read, and nothing comes in the place of that")
    func damagedHere() throws {
        do {
            let store = try open()
            for round in 0..<3 { try persist(store, [(web, entries(round * 10..<round * 10 + 10))]) }
            try copies.take(store)
            try store.close()
        }
        let path = directory.file("store/tenants/fake/segments/00000001-00000001.seg")
        let file = try DiskFileSystem().open(path, .readWrite)
        try file.write([0xAA], at: try file.size() - 30)
        // Before and after a start that finds it put aside.
        for start in 0..<2 {
            let store = try open()
            for round in 3 + 2 * start..<5 + 2 * start {
                try persist(store, [(web, entries(round * 10..<round * 10 + 10))])
            }
            #expect(try store.read()[web] == entries(0..<50 + 20 * start))
            let segments = try sealed(store).files.map(\.span.segments)
            #expect(segments[..<2].map(\.lowerBound) == [0, 2])
            #expect(segments[0] == 0...0)
            #expect(segments.count == (start == 0 ? 4 : 3), "those behind it are merged")
            try store.close()
        }
    }

    @Test("a damaged file is an error that names it where it is needed, and nowhere else")
    func damage() throws {
        let store = try open()
        try persist(store, [(web, entries(0..<10))])
        try persist(store, [(web, entries(1000..<1010))])
        try persist(store, [(web, entries(2000..<2010))])
        try copies.take(store)
        try store.removeLocally(Array(try sealed(store).files.dropLast()), tenant: "fake")
        let broken = try #require(copies.paths.first)
        let file = try DiskFileSystem().open(broken, .readWrite)
        try file.write([0xFF, 0xFF, 0xFF, 0xFF], at: try file.size() - 30)
        let error = #expect(throws: LogQueryError.self) { try store.read() }
        #expect(error?.kind == .storage)
        #expect(error?.message.contains(broken) == true)
        let second = noon + 1_000_000_000
        #expect(try store.read(start: second)[web] == entries(1000..<1010) + entries(2000..<2010))
    }
}
