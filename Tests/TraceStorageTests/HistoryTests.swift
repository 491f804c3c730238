import Durable
import Logging
import MartletCore
import Testing
import TraceQL
import TraceStorage
import Wire

/// Copies of parts in a directory, as an object store would have them.
private final class Copies: SealedHistory {
    private struct Copy {
        let tenant: String
        let writer: String
        let file: SealedFile
    }

    private let directory: String
    private let copies = Lock<[Copy]>([])
    private let outOfOrder = Lock(false)
    private let interruption = Lock<(@Sendable () -> Void)?>(nil)

    init(_ directory: String) throws {
        self.directory = directory
        try DiskFileSystem().makeDirectories(directory)
    }

    /// Takes a copy of all parts.
    func take(_ database: TraceDatabase, now: UInt64, writer: String = "own") throws {
        for (tenant, state) in database.sealed(now: Int64(now)) {
            for file in state.files where !copies.withLock({ $0.contains { $0.file.span == file.span } }) {
                let path = FilePath.join(directory, "\(writer)-\(tenant)-\(FilePath.name(of: file.path))")
                try AtomicFile.publish(path, try DiskFileSystem().read(file.path, limit: 1 << 24))
                let copy = SealedFile(path: path, size: file.size, span: file.span, times: file.times)
                copies.withLock { $0.append(Copy(tenant: tenant, writer: writer, file: copy)) }
            }
        }
    }

    /// Has reads fail from now on, or succeed again.
    func fail(_ fails: Bool) { outOfOrder.withLock { $0 = fails } }

    /// Has something happen once, when a query has looked at this disk and asks what lies elsewhere.
    func interrupt(_ body: @escaping @Sendable () -> Void) { interruption.withLock { $0 = body } }

    var isOutOfOrder: Bool { outOfOrder.withLock { $0 } }
    var paths: [String] { copies.withLock { $0.map(\.file.path) } }

    func files(
        of tenant: String, overlapping times: ClosedRange<Int64>, beside held: [SealedSpan]
    ) throws(DurableError) -> [HistoryFile] {
        let interruption = interruption.withLock { interruption in
            defer { interruption = nil }
            return interruption
        }
        interruption?()
        var found: [HistoryFile] = []
        for copy in copies.withLock({ $0 }) where copy.tenant == tenant && copy.file.times.overlaps(times) {
            if copy.writer == "own", held.contains(where: { $0.overlaps(copy.file.span) }) { continue }
            let file = try DiskFileSystem().open(copy.file.path, .read)
            found.append(
                HistoryFile(
                    key: copy.file.path, writer: copy.writer, span: copy.file.span, size: copy.file.size,
                    file: Distant(file, self)))
        }
        return found.sorted { $0.span.arrivals.lowerBound < $1.span.arrivals.lowerBound }
    }

    func prepare(_ wanted: [(file: HistoryFile, range: Range<Int64>)]) throws(DurableError) {}
}

/// A file whose reads can fail.
private final class Distant: File {
    private let file: any File
    private let copies: Copies

    init(_ file: any File, _ copies: Copies) {
        self.file = file
        self.copies = copies
    }

    var path: String { file.path }
    func size() throws(DurableError) -> Int64 { try file.size() }
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(DurableError) {}
    func truncate(to size: Int64) throws(DurableError) {}
    func sync() throws(DurableError) {}
    func syncData() throws(DurableError) {}

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(DurableError) -> Int {
        guard !copies.isOutOfOrder else {
            throw DurableError(.io, path: path, operation: "fetch", message: "out of order")
        }
        return try file.read(into: buffer, at: offset)
    }
}

@Suite("Spans that lie elsewhere")
struct HistoryTests {
    private let directory: TemporaryDirectory
    private let copies: Copies
    private let budget = MemoryBudget(limitBytes: 1 << 30)
    private let now: UInt64 = 1_700_000_000_000_000_000
    private let tenant = TenantID.single

    init() throws {
        directory = try TemporaryDirectory("traces")
        copies = try Copies(directory.file("elsewhere"))
    }

    private func open(
        _ name: String = "store", _ change: (inout TraceStoreOptions) -> Void = { _ in }
    ) throws -> TraceDatabase {
        var options = TraceStoreOptions()
        options.flushSeconds = 0
        options.partsMayLeave = true
        change(&options)
        let database = try TraceDatabase(
            directory.file(name), options: options, budget: budget,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: now)
        database.setHistory(copies)
        return database
    }

    /// Stores spans and writes them to a part.
    private func persist(_ database: TraceDatabase, _ spans: [OTLP.Span], minute: UInt64 = 0) async throws {
        let arrival = now + minute * 60_000_000_000
        let store = try await database.store(for: tenant, now: arrival) { try $0() }
        _ = try store.append(OTLPFixture.request(service: "shop", spans).protobuf(), now: arrival)
        store.maintain(now: arrival)
    }

    private func evict(_ database: TraceDatabase) throws {
        try copies.take(database, now: now)
        let files = try #require(database.sealed(now: Int64(now))[tenant.name]).files
        database.removeLocally(Array(files.dropLast()), tenant: tenant.name)
    }

    private func traces(_ database: TraceDatabase) throws -> TenantTraces { try #require(database.traces(of: tenant)) }

    /// Names of a trace's spans, in order.
    private func names(_ database: TraceDatabase, _ trace: UInt64) throws -> [String]? {
        guard let bytes = try traces(database).trace(high: 0, low: trace) else { return nil }
        return try OTLP.Traces(protobuf: bytes, limits: .standard).resourceSpans.flatMap { resource in
            resource.scopeSpans.flatMap { scope in scope.spans.map { "\($0.name)" } }
        }.sorted()
    }

    /// Ids of the traces that a query finds, with the number of spans that match in each.
    private func found(_ database: TraceDatabase, _ query: String, _ range: TimeRange = .always) throws -> [UInt64: Int]
    {
        let search = try TraceSearch(try Query(parsing: query))
        let found = try search.run(
            on: try traces(database), range: range, limits: TraceSearch.Limits(traces: 100, spans: 100),
            filter: TraceSearch.TraceFilter(durations: 0...(.max)), cancellation: QueryCancellation())
        return Dictionary(
            found.map { trace in (trace.id.low, trace.spanSets.reduce(0) { $0 + $1.matched }) },
            // A trace that is found twice.
            uniquingKeysWith: { _, _ in -1 })
    }

    @Test("are found by id and by query when their parts have left the disk, also after a restart")
    func evicted() async throws {
        do {
            let database = try open()
            for part in 0..<3 as Range<UInt64> {
                try await persist(
                    database, (0..<5).map { OTLPFixture.span(part * 10 + $0 + 1, 7, "op \(part)", start: 1000) },
                    minute: part)
            }
            try evict(database)
            #expect(database.sealed(now: Int64(now))[tenant.name]?.files.count == 1)
            #expect(try names(database, 3) == ["op 0"])
            #expect(try names(database, 24) == ["op 2"])
            #expect(try names(database, 99) == nil)
            #expect(try found(database, "{ name = \"op 1\" }").keys.sorted() == [11, 12, 13, 14, 15])
            #expect(try found(database, "{}").count == 15)
            try database.close()
        }
        let database = try open()
        #expect(try found(database, "{}").count == 15)
        try await persist(database, [OTLPFixture.span(50, 1, "new")], minute: 4)
        #expect(try found(database, "{}").count == 16)
    }

    @Test("meet the other spans of their trace, and copies of a span count once")
    func sharedTraces() async throws {
        let database = try open()
        try await persist(
            database, [OTLPFixture.span(1, 1, "root", start: 1000), OTLPFixture.span(1, 2, "child", start: 1010)])
        try await persist(
            database, [OTLPFixture.span(1, 2, "child", start: 1010), OTLPFixture.span(1, 3, "late", start: 1020)],
            minute: 1)
        try await persist(database, [OTLPFixture.span(2, 1, "other", start: 1000)], minute: 2)
        try evict(database)
        #expect(try names(database, 1) == ["child", "late", "root"])
        #expect(try found(database, "{ name = \"root\" } && { name = \"late\" }") == [1: 2])
        #expect(try found(database, "{ name = \"child\" }") == [1: 1])
    }

    @Test("are not read there while a merged part of this disk has them")
    func merged() async throws {
        let database = try open { $0.mergeWidth = 2 }
        try await persist(database, [OTLPFixture.span(1, 1, "root", start: 1000)])
        try copies.take(database, now: now)
        try await persist(database, [OTLPFixture.span(2, 2, "other", start: 1010)], minute: 1)
        #expect(database.sealed(now: Int64(now))[tenant.name]?.files.count == 1)
        #expect(try found(database, "{}") == [1: 1, 2: 1])
    }

    @Test("are not read there when they were still in memory as the query began")
    func persistedMeanwhile() async throws {
        let database = try open()
        let store = try await database.store(for: tenant, now: now) { try $0() }
        _ = try store.append(
            OTLPFixture.request(service: "shop", [OTLPFixture.span(1, 1, "root", start: 1000)]).protobuf(), now: now)
        let (elsewhere, moment) = (copies, now)
        copies.interrupt {
            store.maintain(now: moment)
            do { try elsewhere.take(database, now: moment) } catch { Issue.record(error) }
        }
        #expect(try found(database, "{}") == [1: 1])
        #expect(copies.paths.count == 1)
        #expect(try found(database, "{}") == [1: 1])
    }

    @Test("are read there when the part of this disk is damaged, also when its neighbours could be merged")
    func damagedHere() async throws {
        do {
            let database = try open()
            for part in 0..<3 as Range<UInt64> {
                try await persist(database, [OTLPFixture.span(part + 1, 1, "op", start: 1000)], minute: part)
            }
            try copies.take(database, now: now)
            let files = try #require(database.sealed(now: Int64(now))[tenant.name]).files
            try #require(files.count == 3)
            try database.close()
            let file = try DiskFileSystem().open(files[1].path, .readWrite)
            try file.write([0xFF], at: try file.size() - 1)
        }
        // Before and after a start that finds it put aside.
        for _ in 0..<2 {
            let database = try open { $0.mergeWidth = 2 }
            database.maintain(now: now + 180_000_000_000)
            #expect(database.sealed(now: Int64(now))[tenant.name]?.files.count == 2)
            #expect(try found(database, "{}") == [1: 1, 2: 1, 3: 1])
            try database.close()
        }
    }

    @Test("meet the spans of a part that stays, also when that is merged with others")
    func mergedAfterwards() async throws {
        do {
            let database = try open()
            try await persist(database, [OTLPFixture.span(1, 1, "root", start: 1000)])
            try await persist(database, [OTLPFixture.span(1, 2, "late", start: 1010)], minute: 1)
            try await persist(database, [OTLPFixture.span(2, 1, "other", start: 1020)], minute: 2)
            try copies.take(database, now: now)
            let files = try #require(database.sealed(now: Int64(now))[tenant.name]).files
            database.removeLocally(Array(files.prefix(1)), tenant: tenant.name)
            try database.close()
        }
        let database = try open { $0.mergeWidth = 2 }
        database.maintain(now: now + 180_000_000_000)
        #expect(database.sealed(now: Int64(now))[tenant.name]?.files.count == 1)
        #expect(try found(database, "{ name = \"root\" } && { name = \"late\" }") == [1: 2])
        #expect(try found(database, "{}") == [1: 2, 2: 1])
    }

    @Test("of others are read by a process that has none of its own")
    func others() async throws {
        for (name, trace) in [("one", 1), ("two", 2)] as [(String, UInt64)] {
            let database = try open(name)
            try await persist(database, [OTLPFixture.span(trace, 1, name)], minute: trace)
            try copies.take(database, now: now, writer: name)
        }
        let reader = try open("reader")
        #expect(try found(reader, "{}").keys.sorted() == [1, 2])
        #expect(try names(reader, 2) == ["two"])
        #expect(reader.all.isEmpty)
    }

    @Test("that cannot be had are an error that names the part, once it is over they are there again")
    func unreachable() async throws {
        let database = try open()
        try await persist(database, [OTLPFixture.span(1, 1, "old", start: 1000)])
        try await persist(database, [OTLPFixture.span(2, 1, "new", start: 5000)], minute: 1)
        try evict(database)
        let gone = try #require(copies.paths.first)
        // Footers and filters are known, so that the failure comes in the middle of a query.
        #expect(try names(database, 99) == nil)
        copies.fail(true)
        let midway = #expect(throws: TraceStoreError.self) { _ = try found(database, "{}") }
        #expect("\(try #require(midway))".contains(gone))
        let fresh = try open("fresh")
        let error = #expect(throws: TraceStoreError.self) { _ = try found(fresh, "{}") }
        #expect("\(try #require(error))".contains(gone))
        #expect(throws: TraceStoreError.self) { _ = try names(fresh, 1) }
        copies.fail(false)
        #expect(try found(fresh, "{}").count == 2)
        #expect(try found(database, "{ name = \"old\" }") == [1: 1])
    }

    @Test("of a damaged part are missing, and all others are there")
    func damage() async throws {
        let database = try open()
        try await persist(database, [OTLPFixture.span(1, 1, "broken", start: 1000)])
        try await persist(database, [OTLPFixture.span(2, 1, "sound", start: 5000)], minute: 1)
        try evict(database)
        let file = try DiskFileSystem().open(try #require(copies.paths.first), .readWrite)
        // Pages begin behind the first eight bytes.
        let page = try file.read(count: 40, at: 8)
        try file.write(page.map { $0 ^ 0xFF }, at: 8)
        #expect(try found(database, "{}").keys.contains(2))
        #expect(try names(database, 2) == ["sound"])
        #expect(try names(database, 1) == nil)
    }
}
