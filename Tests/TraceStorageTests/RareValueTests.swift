import Durable
import Logging
import MartletCore
import Testing
import TraceQL
import TraceStorage
import Wire

/// What is rare is found without reading what does not have it, however many parts there are: counted, not timed.
@Suite("Rare values and ids among many parts")
struct RareValueTests {
    private let directory: TemporaryDirectory
    private let budget = MemoryBudget(limitBytes: 1 << 30)
    private let cache: ColumnCache
    private let now: UInt64 = 1_700_000_000_000_000_000
    private static let spansPerPart: UInt64 = 64

    init() throws {
        directory = try TemporaryDirectory("rare")
        cache = ColumnCache(limit: 16 << 20, budget: budget)
    }

    private func open() throws -> TraceStore {
        var options = TraceStoreOptions()
        options.flushSeconds = 0
        options.mergeWidth = 1 << 20
        return try TraceStore(
            directory.path, options: options, budget: budget, cache: cache,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: now)
    }

    /// A store with so many parts, each with traces of one span.
    private func filled(parts: UInt64) throws -> TraceStore {
        let store = try open()
        for part in 0..<parts {
            let spans = (0..<Self.spansPerPart).map { number -> OTLP.Span in
                let id = part * Self.spansPerPart + number + 1
                var attributes: [(String, OTLP.AnyValue)] = [
                    ("user.id", .string(ByteString("u-\(id)"))), ("order", .int(Int64(id) * 1_000_003)),
                    ("method", .string(number % 2 == 0 ? "GET" : "PUT")), ("load", .double(Double(part) / 4)),
                ]
                if id == 1000 {
                    attributes.append(("sometimes", .string("here")))
                    attributes.append(("list", .array(["one", "two"])))
                }
                var span = OTLPFixture.span(
                    id, 1, id == 2000 ? "odd" : "op \(number % 5)", start: 1_000_000 + id, attributes: attributes)
                if id == 3000 { span.status = OTLP.Status(message: "why", code: 2) }
                if id == 4000 { span.events = [OTLP.Event(timeUnixNano: 1, name: "boom")] }
                return span
            }
            _ = try store.append(OTLPFixture.request(service: "s", spans, host: "host-\(part)").protobuf(), now: now)
            store.maintain(now: now)
        }
        #expect(store.statistics().parts == Int(parts))
        _ = cache.reads.take()
        return store
    }

    @Test("a query reads the row groups that have the value, and of the others only what says that they do not")
    func values() throws {
        let parts = 200
        let store = try filled(parts: UInt64(parts))
        for (query, found, groups) in [
            (#"{ .user.id = "u-123" }"#, 1, 1), (#"{ span.user.id = "u-12799" }"#, 1, 1),
            (#"{ .user.id = "u-0" }"#, 0, 0),
            (#"{ resource.host.name = "host-77" }"#, 64, 1), (#"{ .host.name = "host-200" }"#, 0, 0),
            ("{ span.order = 4711014133 }", 1, 1), ("{ .order = 4711014134 }", 0, 0), (#"{ name = "odd" }"#, 1, 1),
            (#"{ name = "even" }"#, 0, 0), (#"{ statusMessage = "why" }"#, 1, 1), (#"{ event:name = "boom" }"#, 1, 1),
            (#"{ .sometimes != nil }"#, 1, 1), (#"{ .sometimes =~ "h.*" }"#, 1, 1), ("{ .never != nil }", 0, 0),
            (#"{ .never = "x" || .user.id = "u-5" }"#, 1, 1), (#"{ .method = "GET" && .user.id = "u-5" }"#, 1, 1),
            (#"{ .list = "two" }"#, 1, 1), (#"{ .list = "three" }"#, 0, 1), ("{ .load = 2.25 }", 64, parts),
            (#"{ .method = "GET" }"#, 32 * parts, parts),
        ] {
            let result = try TraceSearch(Query(parsing: query))
                .run(on: store, range: .always, limits: TraceSearch.Limits(traces: 100_000))
            #expect(result.count == found, "\(query)")
            let reads = cache.reads.take()
            // A filter of 12 bits lets one group in 300 pass that has not what is looked for.
            #expect(reads.read >= groups && reads.read <= groups + 4, "\(query): \(reads)")
            #expect(reads.read + reads.skipped == parts, "\(query): \(reads)")
        }
    }

    @Test("a trace is looked for in the parts that have it", arguments: [10, 300] as [UInt64])
    func ids(parts: UInt64) throws {
        let store = try filled(parts: parts)
        let known = stride(from: 1, to: parts * Self.spansPerPart, by: Int(parts * Self.spansPerPart / 200)).map { $0 }
        for id in known { #expect(store.trace(high: 0, low: id) != nil) }
        let searched = cache.reads.take().searched
        #expect(searched >= known.count && searched <= known.count + known.count * Int(parts) / 100)
        for id in 1...200 as ClosedRange<UInt64> { #expect(store.trace(high: 1, low: id) == nil) }
        #expect(cache.reads.take().searched <= 2 * Int(parts))
    }

    @Test(
        "keys and texts of resources are found as they are cut now, whatever they were cut to when they were written",
        arguments: [0, 9, 12, 40])
    func cut(written: Int) throws {
        func open(_ limit: Int) throws -> TraceStore {
            var options = TraceStoreOptions()
            options.flushSeconds = 0
            options.attributes = AttributeLimits(bytes: limit)
            return try TraceStore(
                directory.path, options: options, budget: budget, cache: cache,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: now)
        }
        do {
            let store = try open(written)
            for (id, host) in [(1, "abcdefghijklmnop"), (2, "abcdefgö"), (3, "abcdefgh🦜")] as [(UInt64, String)] {
                let request = OTLPFixture.request(service: "s", [OTLPFixture.span(id, 1)], host: host)
                _ = try store.append(request.protobuf(), now: now)
            }
            store.maintain(now: now)
            #expect(store.statistics().parts == 1)
            try store.close()
        }
        for (limit, query, found) in [
            (0, #".host.name = "abcdefghijklmnop""#, 1), (100, #"resource.host.name = "abcdefghijklmnop""#, 1),
            (12, #".host.name = "abcdefghijkl""#, 1), (12, #".host.name = "abcdefghijklmnop""#, 0),
            (11, #".host.name = "abcdefgh""#, 1), (11, #".host.name = "abcdefgö""#, 1),
            (9, #".host.name = "abcdefgh""#, 1), (9, #".host.name = "abcdefgö""#, 1),
            (8, #".host.nam = "abcdefg""#, 1), (8, #"resource.host.nam = "abcdefgh""#, 2), (8, ".host.nam != nil", 3),
            (8, ".host.name != nil", 0), (100, ".host.nam != nil", 0), (5, #".host. = "abcde""#, 3),
        ] {
            let store = try open(limit)
            let result = try TraceSearch(Query(parsing: "{ \(query) }")).run(on: store, range: .always)
            #expect(result.count == found, "\(query), \(limit) bytes")
            try store.close()
        }
    }

    @Test("a part of version 1, which has no filter of values, is read, found in, and merged with others")
    func oldVersion() throws {
        let disk = DiskFileSystem()
        try disk.makeDirectories(directory.file("parts"))
        let file = try disk.open(directory.file("parts/" + PartVersion1.name), .createNew)
        try file.write(try #require(PartVersion1.bytes), at: 0)
        var options = TraceStoreOptions()
        options.flushSeconds = 0
        options.mergeWidth = 2
        options.retentionSeconds = 0
        let store = try TraceStore(
            directory.path, options: options, budget: budget, cache: cache,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: now)
        for place in ["as it was", "merged"] {
            #expect(store.statistics().spans >= 100)
            for (query, found) in [
                (#"{ .user = "user 17" }"#, 1), (#"{ span.user = "nobody" }"#, 0), ("{ .n = 700 }", 1),
                ("{ .n = 701 }", 0),
                (#"{ name = "operation 69" }"#, 1), (#"{ .rare = "here" }"#, 1), (#"{ statusMessage = "broken" }"#, 1),
                (#"{ resource.service.name = "shop" }"#, 20), ("{ .none = nil }", 20),
            ] {
                let result = try TraceSearch(Query(parsing: query))
                    .run(on: store, range: TimeRange(start: 0, end: 2_000_000_000_000_000_000))
                #expect(result.count == found, "\(query) \(place)")
            }
            for id in 1...20 as ClosedRange<UInt64> { #expect(store.trace(high: 0, low: id) != nil, "\(place)") }
            #expect(store.trace(high: 0, low: 21) == nil)
            let span = OTLPFixture.span(99, 1, start: 3_000_000_000_000_000_000, attributes: [("none", .int(1))])
            _ = try store.append(OTLPFixture.request(service: "other", [span]).protobuf(), now: now)
            store.maintain(now: now)
        }
        #expect(store.statistics().parts < 3)
    }
}
