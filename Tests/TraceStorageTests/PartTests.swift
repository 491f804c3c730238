import Durable
import Logging
import MartletCore
import Testing
import TraceQL
import TraceStorage
import Wire

/// Parts on disk: what was sent comes back from them, whatever it was and however often they were merged.
@Suite("Parts of the trace store")
struct PartTests {
    private let directory: TemporaryDirectory
    private let budget = MemoryBudget(limitBytes: 1 << 30)
    private let now: UInt64 = 1_700_000_000_000_000_000

    init() throws {
        directory = try TemporaryDirectory("parts")
    }

    private func open(_ change: (inout TraceStoreOptions) -> Void = { _ in }) throws -> TraceStore {
        var options = TraceStoreOptions()
        options.flushSeconds = 0
        options.traceBytes = 0
        change(&options)
        return try TraceStore(
            directory.path, options: options, budget: budget,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: now)
    }

    /// The spans of a trace, each with its resource and scope, by id and kind.
    private func spans(_ bytes: [UInt8]?) throws -> [String] {
        guard let bytes else { return [] }
        return try OTLP.Traces(protobuf: bytes, limits: .standard).resourceSpans.flatMap { resource in
            resource.scopeSpans.flatMap { scope in
                scope.spans.map { "\(resource.resource) \(resource.schemaURL) \(scope.scope) \(scope.schemaURL) \($0)" }
            }
        }.sorted()
    }

    private func check(_ store: TraceStore, _ expected: [UInt64: [String]], _ place: String) throws {
        for (trace, wanted) in expected {
            #expect(try spans(store.trace(high: trace % 3, low: trace)) == wanted, "trace \(trace) \(place)")
        }
        #expect(store.trace(high: 99, low: 1) == nil)
    }

    @Test(
        "give back whatever was sent, from memory, disk, merged, and after a restart",
        arguments: [1, 2, 3, 4] as [UInt64])
    func random(seed: UInt64) throws {
        var generator = SpanGenerator(seed: seed)
        var sent: [OTLP.Traces] = []
        for _ in 0..<60 { sent.append(generator.request(spans: Int(1 + seed * 7))) }
        var expected: [UInt64: [String]] = [:]
        do {
            let memory = try TraceStore(
                directory.file("memory"), options: TraceStoreOptions(), budget: budget,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: now)
            for request in sent { _ = try memory.append(request.protobuf(), now: now) }
            for trace in generator.traces { expected[trace] = try spans(memory.trace(high: trace % 3, low: trace)) }
        }
        #expect(expected.values.allSatisfy { !$0.isEmpty })
        do {
            let store = try open {
                $0.spansPerFlush = 100
                $0.rowsPerPart = 64
                $0.mergeWidth = 100
            }
            for request in sent { _ = try store.append(request.protobuf(), now: now) }
            try check(store, expected, "while some are in memory")
            store.maintain(now: now)
            #expect(store.statistics().memory == 0)
            #expect(store.statistics().parts > 1)
            try check(store, expected, "in parts")
            try store.close()
        }
        let store = try open {
            $0.rowsPerPart = 64
            $0.mergeWidth = 2
        }
        try check(store, expected, "after a restart")
        store.maintain(now: now)
        // A part that is much smaller than its neighbour waits for more of its size.
        #expect(store.statistics().parts <= 2)
        try check(store, expected, "merged")
    }

    @Test("give back each of many traces by itself, before and after queries have read their columns as a whole")
    func single() throws {
        var random = SplitMix64(seed: 3)
        var sent: [OTLP.Span] = []
        for number in 0..<1500 as Range<UInt64> {
            // One in seven has a parent elsewhere, the others the span before in their trace.
            let parent: UInt64 = number % 7 == 0 ? 1_000_000 + number : number < 300 ? 0 : number - 299
            let start: UInt64 = 1_000_000 + (number % 300) * 1000 + number / 300
            let duration: UInt64 = random.next() >> (4 + number % 60)
            var attributes: [(String, OTLP.AnyValue)] = [
                ("user", .string(ByteString("user \(number * 7919 % 1500)"))), ("small", .int(Int64(number % 5))),
                ("wide", .int(Int64(bitPattern: random.next()))), ("skewed", .int(1 << Int64(number % 40))),
            ]
            if number % 5 == 0 { attributes.append(("part", .double(Double(number) / 8))) }
            if number % 100 == 0 { attributes.append(("rare \(number)", .string(ByteString("value \(number)")))) }
            var span = OTLPFixture.span(
                number % 300 + 1, number + 1, parent: parent, "operation \(number % 90)",
                start: start, duration: duration, attributes: attributes)
            if number % 3 == 0 {
                span.events = (0..<number % 4).map { event in
                    OTLP.Event(
                        timeUnixNano: start + event, name: ByteString("event \(event)"),
                        attributes: [OTLP.KeyValue(key: "text", value: .string(ByteString("text \(number)")))])
                }
            }
            if number % 4 == 0 {
                span.links = [
                    OTLP.Link(
                        traceID: OTLP.TraceID(high: 5, low: number + 1), spanID: OTLP.SpanID(number + 2),
                        traceState: ByteString("s\(number)"), attributes: [], droppedAttributesCount: 0, flags: 1)
                ]
            }
            if number % 50 == 0 { span.status = OTLP.Status(message: ByteString("why \(number)"), code: 2) }
            sent.append(span)
        }
        let request = OTLPFixture.request(service: "a", sent).protobuf()
        let memory = try TraceStore(
            directory.file("memory"), options: TraceStoreOptions(), budget: budget,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: now)
        _ = try memory.append(request, now: now)
        let store = try open()
        _ = try store.append(request, now: now)
        store.maintain(now: now)
        #expect(store.statistics().memory == 0)
        for place in ["cold", "warm"] {
            for trace in 1...300 as ClosedRange<UInt64> {
                let found = try spans(store.trace(high: 0, low: trace))
                let wanted = try spans(memory.trace(high: 0, low: trace))
                #expect(found.count == 5, "trace \(trace) \(place)")
                #expect(found == wanted, "trace \(trace) \(place)")
            }
            for query in ["{ .user = \"user 7\" || .wide = 1 || .skewed = 4 }", "{ } >> { event:name = \"event 1\" }"] {
                _ = try TraceSearch(Query(parsing: query)).run(on: store, range: .always)
            }
        }
    }

    @Test("keep the last copy of a span, wherever the copies lie")
    func copies() throws {
        func request(_ version: Int) -> [UInt8] {
            let spans = (1...3).map { OTLPFixture.span($0, 1, "version \(version)", duration: UInt64(version)) }
            return OTLPFixture.request(service: "a", spans).protobuf()
        }
        func versions(_ store: TraceStore) throws -> [String] {
            let found = try TraceSearch(Query(parsing: "{ }")).run(on: store, range: .always)
            for trace in found { #expect(trace.spanSets.map(\.matched) == [1]) }
            return found.map { "\(String(decoding: $0.rootName ?? [], as: UTF8.self)) \($0.duration)" }
        }
        let rate = try TraceMetrics(Query(parsing: "{ } | count_over_time()"))
        func count(_ store: TraceStore) throws -> Double {
            let steps = MetricSteps(instant: TimeRange(start: 0, end: 1_000_000))
            return try rate.run(on: store, steps: steps).first?.values.first ?? 0
        }
        let store = try open {
            $0.spansPerFlush = 3
            $0.mergeWidth = 3
        }
        for version in 1...3 {
            _ = try store.append(request(version), now: now)
            #expect(try versions(store) == Array(repeating: "version \(version) \(version)", count: 3))
            #expect(try count(store) == 3)
        }
        #expect(store.statistics().parts == 3)
        store.maintain(now: now)
        #expect(store.statistics().parts == 1)
        #expect(store.statistics().spans == 3)
        #expect(try versions(store) == Array(repeating: "version 3 3", count: 3))
        #expect(try count(store) == 3)
    }

    @Test("rule out by their filters what they do not have, and find what they have")
    func filters() throws {
        let store = try open { $0.rowsPerPart = 500 }
        for batch in 0..<10 as Range<UInt64> {
            let spans = (0..<200 as Range<UInt64>).map { number in
                OTLPFixture.span(
                    batch * 200 + number + 1, 1, start: 1_000_000 + batch * 1000 + number, duration: 10 + batch,
                    attributes: [
                        ("user", .string(ByteString("user \(batch * 200 + number)"))), ("n", .int(Int64(batch))),
                    ])
            }
            _ = try store.append(OTLPFixture.request(service: "s\(batch % 2)", spans).protobuf(), now: now)
            store.maintain(now: now)
        }
        func found(_ query: String) throws -> Int {
            try TraceSearch(Query(parsing: query))
                .run(on: store, range: .always, limits: TraceSearch.Limits(traces: 10_000)).count
        }
        #expect(try found("{ span.user = \"user 777\" }") == 1)
        #expect(try found("{ .user = \"user 1999\" }") == 1)
        #expect(try found("{ span.user = \"nobody\" }") == 0)
        #expect(try found("{ span.n = 7 }") == 200)
        #expect(try found("{ span.n > 7.5 }") == 400)
        #expect(try found("{ span.n != 3 }") == 1800)
        #expect(try found("{ duration > 18ns }") == 200)
        #expect(try found("{ duration <= 12ns }") == 600)
        #expect(try found("{ resource.service.name = \"s1\" && span.n = 4 }") == 0)
        #expect(try found("{ span.none = 1 || span.n = 1 }") == 200)
        #expect(try found("{ span.user =~ \"user 1[0-9]\" }") == 10)
        #expect(try found("{ status = error }") == 0)
        #expect(try found("{ kind = internal && span.user != nil }") == 2000)
    }

    @Test("go one by one when there is too much, however they were merged")
    func sizeRetention() throws {
        let store = try open {
            $0.mergeWidth = 2
            $0.retentionBytes = 100_000
        }
        var generator = SpanGenerator(seed: 6)
        for _ in 0..<150 {
            _ = try store.append(generator.request(spans: 20).protobuf(), now: now)
            store.maintain(now: now)
            let held = store.statistics()
            #expect(held.partBytes <= 100_000)
            #expect(held.expired == 0 || held.partBytes > 70_000)
        }
        let held = store.statistics()
        #expect(held.expired > 0)
        #expect(held.parts < 50)
    }

    @Test("are charged for all that is kept of them in memory, lists and texts too")
    func charged() throws {
        let store = try open()
        let spans = (1...2000 as ClosedRange<UInt64>).map { number in
            let texts = (0..<20).map { OTLP.AnyValue.string(ByteString("\(number) and \($0)")) }
            return OTLPFixture.span(number, 1, attributes: [("list", .array(texts))])
        }
        _ = try store.append(OTLPFixture.request(service: "a", spans).protobuf(), now: now)
        store.maintain(now: now)
        #expect(store.statistics().memory == 0)
        let before = budget.used
        let query = try TraceSearch(Query(parsing: "{ span.list = \"7 and 7\" }"))
        #expect(try query.run(on: store, range: .always).count == 1)
        #expect(budget.used - before > 2_000_000)
    }

    @Test("are never taken for others that were open before them")
    func identity() throws {
        let cache = ColumnCache(limit: 16 << 20, budget: budget)
        var options = TraceStoreOptions()
        options.flushSeconds = 0
        for round in 1...30 as ClosedRange<UInt64> {
            let store = try TraceStore(
                directory.file("store \(round)"), options: options, budget: budget, cache: cache,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: now)
            let span = OTLPFixture.span(round, 1, "name \(round)")
            _ = try store.append(OTLPFixture.request(service: "a", [span]).protobuf(), now: now)
            store.maintain(now: now)
            let query = try Query(parsing: "{ name = \"name \(round)\" }")
            let found = try TraceSearch(query).run(on: store, range: .always)
            #expect(found.map(\.id.low) == [round])
            try store.close()
        }
    }

    @Test("hold a trace of 100,000 spans in a circle and an attribute of 10 MB")
    func huge() throws {
        let store = try open { $0.attributes = AttributeLimits(bytes: 0) }
        let count: UInt64 = 100_000
        for first in stride(from: 0, to: count, by: 10_000) {
            let spans = (first..<first + 10_000).map { number in
                OTLPFixture.span(
                    7, number + 1, parent: (number + 1) % count + 1, start: 1_000 + number,
                    attributes: [("n", .int(Int64(number)))])
            }
            _ = try store.append(OTLPFixture.request(service: "a", spans).protobuf(), now: now)
        }
        let text = ByteString([UInt8](repeating: 0x61, count: 10 << 20))
        let large = OTLPFixture.span(8, 1, start: .max, duration: 0, attributes: [("large", .string(text))])
        _ = try store.append(OTLPFixture.request(service: "a", [large]).protobuf(), now: now)
        for place in ["in memory", "on disk"] {
            let found = try OTLP.Traces(protobuf: #require(store.trace(high: 0, low: 7)), limits: .standard)
            #expect(
                found.resourceSpans.reduce(0) { $0 + $1.scopeSpans.reduce(0) { $0 + $1.spans.count } } == Int(count),
                "\(place)")
            let other = try OTLP.Traces(protobuf: #require(store.trace(high: 0, low: 8)), limits: .standard)
            let span = try #require(other.resourceSpans.first?.scopeSpans.first?.spans.first, "\(place)")
            #expect(span.attributes.first?.value == .string(text), "\(place)")
            let query = try TraceSearch(Query(parsing: "{ span.n = 5 } >> { span.n = 4 } | count() = 1"))
            #expect(try query.run(on: store, range: .always).count == 1, "\(place)")
            store.maintain(now: now)
        }
        #expect(store.statistics().memory == 0)
    }

    @Test("whose index is damaged lose no trace")
    func damagedIndex() throws {
        do {
            let store = try open { $0.rowsPerPart = 10 }
            let spans = (1...100 as ClosedRange<UInt64>).map { OTLPFixture.span($0, 1, start: 1_000 + $0) }
            _ = try store.append(OTLPFixture.request(service: "a", spans).protobuf(), now: now)
            store.maintain(now: now)
            try store.close()
        }
        let disk = DiskFileSystem()
        let name = try #require(try disk.list(directory.file("parts")).first)
        let path = directory.file("parts/" + name)
        var bytes = try disk.read(path, limit: 1 << 24)
        // The order of ids ends where the footer begins, whose offset stands 24 bytes before the end.
        let footer = bytes[(bytes.count - 24)..<(bytes.count - 16)].reversed().reduce(0) { $0 << 8 | Int($1) }
        bytes[footer - 1] ^= 1
        try disk.unlink(path)
        try disk.open(path, .createNew).write(bytes, at: 0)
        let store = try open()
        for trace in 1...100 as ClosedRange<UInt64> {
            let found = store.trace(high: 0, low: trace)
            #expect(found != nil, "trace \(trace)")
        }
        #expect(store.trace(high: 0, low: 101) == nil)
        let query = try TraceSearch(Query(parsing: "{ }"))
        let found = try query.run(on: store, range: .always, limits: TraceSearch.Limits(traces: 1000))
        #expect(found.count == 100)
    }

    @Test("whose filter of values is damaged are found in all the same: what a lookup by id finds, a search finds")
    func damagedFilter() throws {
        do {
            let store = try open()
            let span = OTLPFixture.span(1, 1, "op", start: 1_000, attributes: [("user", "anna"), ("n", .int(7))])
            _ = try store.append(OTLPFixture.request(service: "a", [span], host: "h").protobuf(), now: now)
            store.maintain(now: now)
            try store.close()
        }
        let disk = DiskFileSystem()
        let name = try #require(try disk.list(directory.file("parts")).first)
        let path = directory.file("parts/" + name)
        let sound = try disk.read(path, limit: 1 << 24)
        for place in sound.indices {
            var bytes = sound
            bytes[place] ^= 0xFF
            try disk.removeTree(directory.file("parts"))
            try disk.makeDirectory(directory.file("parts"))
            try disk.open(path, .createNew).write(bytes, at: 0)
            let store = try open()
            if store.trace(high: 0, low: 1) != nil {
                for query in [#"{ .user = "anna" }"#, "{ span.n = 7 }", #"{ .host.name = "h" }"#, "{ .user != nil }"] {
                    let found = try TraceSearch(Query(parsing: query)).run(on: store, range: .always)
                    #expect(found.count == 1, "\(query) with byte \(place) damaged")
                }
            }
            try store.close()
        }
    }

    @Test("that are cut while the store runs cost at most what they have lost, and the process lives")
    func cut() throws {
        let store = try open { $0.rowsPerPart = 20 }
        var generator = SpanGenerator(seed: 12)
        for _ in 0..<60 { _ = try store.append(generator.request(spans: 10).protobuf(), now: now) }
        store.maintain(now: now)
        var expected: [UInt64: [String]] = [:]
        for trace in generator.traces { expected[trace] = try spans(store.trace(high: trace % 3, low: trace)) }
        let disk = DiskFileSystem()
        let name = try #require(try disk.list(directory.file("parts")).first)
        let file = try disk.open(directory.file("parts/" + name), .readWrite)
        var size = try file.size()
        #expect(size > 60_000)
        var found = expected.count
        while size > 0 {
            size = max(0, size - 5_000)
            try file.truncate(to: size)
            let before = found
            found = 0
            for (trace, wanted) in expected {
                let left = try spans(store.trace(high: trace % 3, low: trace))
                #expect(left.isEmpty || left == wanted, "\(size) bytes")
                found += left.isEmpty ? 0 : 1
            }
            #expect(found <= before)
            // What was read before the cut may be in the cache; what is not is told as missing, not made up.
            for query in ["{ .list != nil || status = error }", "{ } >> { duration > 1us }", "{ span.a = \"x\" }"] {
                _ = try TraceSearch(Query(parsing: query)).run(on: store, range: .always)
            }
            // The store goes on with what it has.
            let id = 1 << 40 + UInt64(size)
            _ = try store.append(OTLPFixture.request(service: "a", [OTLPFixture.span(id, 1)]).protobuf(), now: now)
            store.maintain(now: now)
            #expect(store.trace(high: 0, low: id) != nil)
        }
        #expect(found == 0)
        #expect(store.trace(high: 99, low: 1) == nil)
    }

    @Test("that are damaged anywhere cost at most their own spans, and stop nothing")
    func damage() throws {
        var generator = SpanGenerator(seed: 9)
        do {
            let store = try open { $0.rowsPerPart = 40 }
            for _ in 0..<20 { _ = try store.append(generator.request(spans: 10).protobuf(), now: now) }
            store.maintain(now: now)
            try store.close()
        }
        let disk = DiskFileSystem()
        let name = try #require(try disk.list(directory.file("parts")).first)
        let path = directory.file("parts/" + name)
        let sound = try disk.read(path, limit: 1 << 24)
        var expected: [UInt64: [String]] = [:]
        do {
            let store = try open()
            for trace in generator.traces { expected[trace] = try spans(store.trace(high: trace % 3, low: trace)) }
            try store.close()
        }
        var random = SplitMix64(seed: 4)
        for round in 0..<200 {
            var bytes = sound
            if round % 10 == 0 {
                bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
            } else {
                bytes[Int.random(in: bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
            }
            try disk.removeTree(directory.file("parts"))
            try disk.makeDirectory(directory.file("parts"))
            try disk.open(path, .createNew).write(bytes, at: 0)
            let store = try open { $0.mergeWidth = 2 }
            for trace in generator.traces {
                let found = try spans(store.trace(high: trace % 3, low: trace))
                #expect(found.isEmpty || found == expected[trace], "round \(round)")
            }
            for query in ["{ .list != nil || status = error }", "{ } >> { duration > 1us }", "{ span.a = \"x\" }"] {
                _ = try TraceSearch(Query(parsing: query)).run(on: store, range: .always)
            }
            _ = try TraceMetrics(Query(parsing: "{ } | rate() by (name, resource.service.name)"))
                .run(on: store, steps: MetricSteps(instant: TimeRange(start: 0, end: .max / 2)))
            _ = try store.append(generator.request(spans: 3).protobuf(), now: now)
            store.maintain(now: now)
            try store.close()
        }
    }
}
