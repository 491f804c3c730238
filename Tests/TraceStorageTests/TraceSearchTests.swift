import Durable
import Logging
import MartletCore
import Testing
import TraceQL
import TraceStorage
import Wire

/// TraceQL over stored spans: what each operator selects, whether a trace lies in one part or in many.
@Suite("TraceQL over stored spans")
struct TraceSearchTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory("search")
    }

    /// Where the spans lie when a query comes. Stores are opened on what the ones before have left, so that every span also
    /// has copies.
    enum Layout: CustomTestStringConvertible {
        /// In memory, in parts of so many rows.
        case memory(Int)
        /// Every request in a part of its own on disk, in row groups of so many rows.
        case parts(Int)
        /// The same, merged.
        case merged(Int)

        var testDescription: String { "\(self)" }
    }

    private static let layouts: [Layout] = [
        .memory(1), .memory(3), .memory(1000), .parts(1), .parts(1000), .merged(1), .merged(2), .merged(1000),
    ]

    /// Trace 1: front (root) → api → db, cache; trace 2: a lone span with another root; trace 3: no root.
    private func store(_ layout: Layout) throws -> TraceStore {
        var options = TraceStoreOptions()
        switch layout {
        case .memory(let rows): options.rowsPerPart = rows
        case .parts(let rows):
            options.rowsPerPart = rows
            options.spansPerFlush = 1
        case .merged(let rows):
            options.rowsPerPart = rows
            options.spansPerFlush = 1
            options.mergeWidth = 2
        }
        let store = try TraceStore(
            directory.path, options: options, budget: MemoryBudget(limitBytes: 1 << 30),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: 1)
        let front = OTLPFixture.span(
            1, 1, "front", kind: 2, start: 1_050_000_000, duration: 400_000_000, status: 1,
            attributes: [("i", 5), ("d", 2.5), ("s", "Alpha"), ("b", true), ("list", .array(["x", "y"])), ("k b", 1)])
        var api = OTLPFixture.span(
            1, 2, parent: 1, "api", kind: 3, start: 1_100_000_000, duration: 200_000_000, status: 2,
            attributes: [("i", 7), ("s", "beta"), ("b", false), ("list", .array([1, 2.5]))])
        api.status.message = "refused"
        api.events = [
            OTLP.Event(
                timeUnixNano: 1_150_000_000, name: "retry",
                attributes: [OTLP.KeyValue(key: "n", value: 1), OTLP.KeyValue(key: "why", value: "slow")]),
            OTLP.Event(
                timeUnixNano: 1_200_000_000, name: "give up",
                attributes: [OTLP.KeyValue(key: "n", value: 2), OTLP.KeyValue(key: "why", value: "lost")]),
        ]
        let db = OTLPFixture.span(
            1, 3, parent: 2, "db", start: 1_110_000_000, duration: 50_000_000, attributes: [("i", 5), ("d", 5.0)])
        var cache = OTLPFixture.span(1, 4, parent: 2, "cache", start: 1_120_000_000, duration: 1_000)
        cache.links = [OTLP.Link(traceID: OTLP.TraceID(high: 0, low: 2), spanID: OTLP.SpanID(9))]
        let lone = OTLPFixture.span(
            2, 9, "lone", kind: 4, start: 2_050_000_000, duration: 10_000_000,
            attributes: [("service.name", "span level")])
        let orphan = OTLPFixture.span(3, 20, parent: 19, "orphan", start: 3_050_000_000, duration: 1_000)
        let child = OTLPFixture.span(3, 21, parent: 20, "orphan child", start: 3_050_000_100, duration: 500)
        for (service, spans) in [
            ("data", [db]), ("shop", [child]), ("shop", [front, api]), ("data", [cache]), ("mail", [lone]),
            ("shop", [orphan]),
        ] {
            _ = try store.append(OTLPFixture.request(service: service, spans).protobuf(), now: 1)
        }
        if case .merged = layout {
            store.maintain(now: 1)
            #expect(store.statistics().parts < 3)
        }
        return store
    }

    private func names(_ store: TraceStore, _ text: String) throws -> [String] {
        try TraceSearch(Query(parsing: text))
            .run(on: store, range: .always, limits: TraceSearch.Limits(traces: 100, spans: 100))
            .flatMap { $0.spanSets.flatMap { $0.spans.map { String(decoding: $0.name, as: UTF8.self) } } }
    }

    @Test(
        "selects the spans that match",
        arguments: [
            ("{ }", ["orphan", "orphan child", "lone", "front", "api", "db", "cache"]),
            ("{ false }", []), ("{ name = \"api\" }", ["api"]),
            ("{ name != \"api\" && trace:id = \"1\" }", ["front", "db", "cache"]),
            ("{ name =~ \"or.*\" }", ["orphan", "orphan child"]), ("{ name =~ \"rph\" }", []),
            ("{ name !~ \".*o.*\" }", ["api", "db", "cache"]),
            ("{ name > \"front\" }", ["orphan", "orphan child", "lone"]),
            ("{ status = error }", ["api"]), ("{ status = ok }", ["front"]), ("{ status != unset }", ["front", "api"]),
            ("{ statusMessage = \"refused\" }", ["api"]), ("{ kind = producer }", ["lone"]),
            ("{ kind = server || kind = client }", ["front", "api"]),
            ("{ duration >= 200ms }", ["front", "api"]), ("{ duration = 1us }", ["orphan", "cache"]),
            ("{ duration < 1000 }", ["orphan child"]),
            ("{ duration < 600000001ns / 3 && duration > 599999999ns / 3 }", ["api"]),
            ("{ duration > 0.3e9 }", ["front"]),
            ("{ traceDuration > 300ms && duration < 1ms }", ["cache"]),
            ("{ rootName = \"front\" && kind = client }", ["api"]),
            ("{ rootServiceName = \"mail\" }", ["lone"]), ("{ rootName =~ \".*\" && name = \"orphan\" }", []),
            ("{ span:id = \"0000000000000003\" }", ["db"]), ("{ span:id = \"3\" }", ["db"]),
            ("{ trace:id = \"00000000000000000000000000000002\" }", ["lone"]),
            ("{ span:parentID = \"2\" }", ["db", "cache"]),
            ("{ span:id =~ \"000000000000000[34]\" }", ["db", "cache"]), ("{ span:id = \"xyz\" }", []),
            ("{ .i = 5 }", ["front", "db"]), ("{ .i = 5.0 }", ["front", "db"]), ("{ .i != 5 }", ["api"]),
            ("{ .i > 5 }", ["api"]), ("{ .d = 5 }", ["db"]), ("{ .d > 2 }", ["front", "db"]), ("{ .i = \"5\" }", []),
            ("{ 5 < .i }", ["api"]), ("{ .i + 1 = 6 }", ["front", "db"]), ("{ .i * 2 = .d + 5 }", ["db"]),
            ("{ .i ^ 2 = 25 }", ["front", "db"]), ("{ .i / 2 = 3 }", ["api"]), ("{ .i % 2 = 1 && .i / 0 = 1 }", []),
            ("{ .i = .d }", ["db"]), ("{ -.i < -6 }", ["api"]),
            ("{ .s = \"Alpha\" }", ["front"]), ("{ .s =~ \"(?i)alpha|beta\" }", ["front", "api"]),
            ("{ .s !~ \"A.*\" }", ["api"]),
            ("{ .s >= \"b\" }", ["api"]), ("{ .b }", ["front"]),
            ("{ !.b }", ["orphan", "orphan child", "lone", "api", "db", "cache"]),
            ("{ .b = false }", ["api"]), ("{ .b != true }", ["api"]), ("{ .\"k b\" = 1 }", ["front"]),
            ("{ .s = nil && trace:id = \"1\" }", ["db", "cache"]), ("{ .s != nil }", ["front", "api"]),
            ("{ !(.i = 5) && trace:id = \"1\" }", ["api", "cache"]), ("{ .missing != \"x\" }", []),
            ("{ .list = \"y\" }", ["front"]), ("{ .list != \"z\" }", ["front"]), ("{ .list != \"x\" }", []),
            ("{ .list =~ \"x|z\" }", ["front"]), ("{ .list > 2 }", ["api"]), ("{ .list = 1 }", ["api"]),
            ("{ resource.service.name = \"data\" }", ["db", "cache"]),
            ("{ span.service.name = \"span level\" }", ["lone"]),
            ("{ .service.name = \"span level\" }", ["lone"]), ("{ .service.name = \"mail\" }", []),
            ("{ instrumentation:name = \"lib\" && name = \"db\" }", ["db"]),
            ("{ instrumentation:version = \"1\" }", []),
            ("{ event:name = \"retry\" }", ["api"]), ("{ event.n = 1 && event.why = \"slow\" }", ["api"]),
            ("{ event.n = 1 && event.why = \"lost\" }", []), ("{ event:timeSinceStart > 60ms }", ["api"]),
            ("{ event.n = 2 || name = \"db\" }", ["api", "db"]), ("{ event.zzz = nil }", ["api"]),
            ("{ .why = \"lost\" }", ["api"]), ("{ !(event.n = 1) && kind = client }", ["api"]),
            ("{ link:traceID = \"00000000000000000000000000000002\" }", ["cache"]),
            ("{ link:spanID = \"0000000000000009\" }", ["cache"]),
            ("{ nestedSetParent < 0 }", ["lone", "front"]),
            ("{ nestedSetParent >= 0 && trace:id = \"3\" }", ["orphan", "orphan child"]),
            ("{ span:childCount > 1 }", ["api"]), ("{ nestedSetLeft = 2 }", ["orphan child", "api"]),
        ])
    func filters(query: String, expected: [String]) throws {
        for layout in Self.layouts {
            #expect(try names(try store(layout), query) == expected, "\(layout)")
            try DiskFileSystem().removeTree(directory.file("wal"))
        }
    }

    @Test(
        "relates spansets of one trace",
        arguments: [
            ("{ name = \"front\" } && { name = \"db\" }", ["front", "db"]),
            ("{ name = \"front\" } && { name = \"lone\" }", []),
            ("{ name = \"db\" } || { name = \"lone\" }", ["lone", "db"]),
            ("{ name = \"front\" } > { }", ["api"]), ("{ name = \"front\" } >> { }", ["api", "db", "cache"]),
            ("{ name = \"db\" } < { }", ["api"]), ("{ name = \"db\" } << { }", ["front", "api"]),
            ("{ name = \"db\" } ~ { }", ["cache"]), ("{ } ~ { }", ["db", "cache"]),
            ("{ name = \"front\" } !> { trace:id = \"1\" }", ["front", "db", "cache"]),
            ("{ name = \"front\" } !>> { trace:id = \"1\" }", ["front"]),
            ("{ name = \"db\" } !< { trace:id = \"1\" }", ["front", "db", "cache"]),
            ("{ name = \"db\" } !<< { trace:id = \"1\" }", ["db", "cache"]),
            ("{ name = \"db\" } !~ { trace:id = \"1\" }", ["front", "api", "db"]),
            ("{ name = \"front\" } &> { }", ["front", "api"]),
            ("{ kind = server } &>> { name = \"db\" }", ["front", "db"]),
            ("{ name = \"db\" } &< { }", ["api", "db"]),
            ("{ name = \"db\" } &<< { name = \"front\" }", ["front", "db"]),
            ("{ name = \"db\" } &~ { }", ["db", "cache"]), ("{ name = \"orphan\" } > { }", ["orphan child"]),
            ("{ name = \"front\" } >> { kind = client } > { name = \"cache\" }", ["cache"]),
            ("({ name = \"db\" } || { name = \"cache\" }) < { }", ["api"]),
        ])
    func structure(query: String, expected: [String]) throws {
        for layout in Self.layouts {
            #expect(try names(try store(layout), query) == expected, "\(layout)")
            try DiskFileSystem().removeTree(directory.file("wal"))
        }
    }

    @Test(
        "counts, groups and joins",
        arguments: [
            ("{ } | count() > 2", "[front,api,db,cache count()=4]"), ("count() = 2", "[orphan,orphan child count()=2]"),
            ("3 < count()", "[front,api,db,cache count()=4]"),
            ("{ .i > 0 } | sum(.i) = 17", "[front,api,db sum(.i)=17]"),
            ("{ } | avg(.i) < 6 | min(.d) = 2.5", "[front,api,db,cache avg(.i)=5.666666666666667 min(.d)=2.5]"),
            ("{ } | max(duration) > 300ms", "[front,api,db,cache max(duration)=400ms]"),
            ("{ .i > 0 } | avg(duration) > 0", "[front,api,db avg(duration)=216.666667ms]"),
            ("{ .d > 0 } | by(duration)", "[front by(duration)=400ms][db by(duration)=50ms]"),
            ("{ } | max(.missing) > 0", ""),
            (
                "{ trace:id = \"1\" } | by(resource.service.name) | count() = 2",
                "[front,api by(resource.service.name)=shop count()=2][db,cache by(resource.service.name)=data count()=2]"
            ),
            ("{ trace:id = \"1\" } | by(.i)", "[front,db by(.i)=5][api by(.i)=7][cache by(.i)=nil]"),
            ("{ trace:id = \"1\" } | by(.i) | coalesce()", "[front,api,db,cache]"),
            ("({ } | count() > 2) && { name = \"api\" }", "[front,api,db,cache]"),
            ("{ name = \"api\" } | select(.s, resource.service.name) ", "[api]"),
            ("{ trace:id = \"1\" } | { .i = 5 } | count() = 2", "[front,db count()=2]"),
        ])
    func pipelines(query: String, expected: String) throws {
        for layout in Self.layouts {
            let found = try TraceSearch(Query(parsing: query))
                .run(
                    on: store(layout), range: .always, limits: TraceSearch.Limits(traces: 9, spans: 9)
                )
            let text = found.flatMap(\.spanSets).map { set in
                let spans = set.spans.map { String(decoding: $0.name, as: UTF8.self) }.joined(separator: ",")
                return "[" + ([spans] + set.attributes.map { "\($0.key)=\($0.value.shown)" }).joined(separator: " ")
                    + "]"
            }
            // Groups come in order of arrival, which differs between the two layouts.
            #expect(Set(text) == Set(expected.split(separator: "]").map { $0 + "]" }))
            try DiskFileSystem().removeTree(directory.file("wal"))
        }
    }

    @Test("returns the newest traces first, cut to the limit, and only those that overlap the range")
    func order() throws {
        let store = try store(.memory(2))
        func ids(_ range: TimeRange, limit: Int) throws -> [UInt64] {
            try TraceSearch(Query(parsing: "{ }"))
                .run(on: store, range: range, limits: TraceSearch.Limits(traces: limit, spans: 1)).map(\.id.low)
        }
        #expect(try ids(.always, limit: 10) == [3, 2, 1])
        #expect(try ids(.always, limit: 2) == [3, 2])
        #expect(try ids(TimeRange(start: 1_300_000_000, end: 2_060_000_000), limit: 10) == [2, 1])
        #expect(try ids(TimeRange(start: 2_500_000_000, end: 2_600_000_000), limit: 10) == [])
    }

    @Test("finds a trace by what it has outside of the range, whether its spans lie together or apart")
    func outside() throws {
        var options = TraceStoreOptions()
        options.flushSeconds = 0
        options.mergeWidth = 2
        let store = try TraceStore(
            directory.path, options: options, budget: MemoryBudget(limitBytes: 1 << 30),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: 1)
        let query = try TraceSearch(Query(parsing: "{ name = \"early\" }"))
        let range = TimeRange(start: 5_050, end: 6_000)
        for (id, name, start) in [(1, "early", 1_000), (2, "late", 5_000)] as [(UInt64, String, UInt64)] {
            let request = OTLPFixture.request(service: "a", [OTLPFixture.span(1, id, name, start: start)])
            _ = try store.append(request.protobuf(), now: 1)
            let found = try query.run(on: store, range: range)
            #expect(found.count == (name == "late" ? 1 : 0))
            store.maintain(now: 1)
        }
        #expect(store.statistics().parts == 1)
        let found = try query.run(on: store, range: range)
        #expect(found.count == 1)
    }

    @Test("shows the fields that the query names or selects")
    func shown() throws {
        let query = "{ .i = 7 && status = error && event.why != nil } | select(resource.service.name, .list)"
        let found = try TraceSearch(Query(parsing: query)).run(on: store(.memory(3)), range: .always)
        let span = try #require(found.first?.spanSets.first?.spans.first)
        #expect(
            span.attributes.map { "\($0.key)=\($0.value.shown)" } == [
                "i=7", "status=error", "why=slow", "service.name=shop", "list=[1, 2.5]",
            ])
        #expect(found.first?.rootServiceName == Array("shop".utf8))
        #expect(found.first?.services.map(\.spans) == [2, 2])
    }

    @Test("lists attribute keys and values")
    func tags() throws {
        let store = try store(.memory(2))
        #expect(
            try TagSearch.names(in: [.span, .resource, .event], on: store, range: .always) == [
                ["b", "d", "i", "k b", "list", "s", "service.name"], ["service.name"], ["n", "why"],
            ])
        func values(_ name: String, _ filter: String = "{ }") throws -> [String] {
            guard case .pipeline(let stages) = try Query(parsing: filter).root,
                case .spanset(.filter(let expression)) = stages[0]
            else { return [] }
            return try TagSearch.values(
                of: Operand.parse(identifier: name), where: expression, on: store, range: .always
            )
            .map(\.shown)
        }
        #expect(try values("resource.service.name") == ["data", "mail", "shop"])
        #expect(try values(".i") == ["5", "7"])
        #expect(try values(".list") == ["x", "y", "1", "2.5"])
        #expect(try values("event.why") == ["lost", "slow"])
        #expect(try values("name", "{ resource.service.name = \"data\" }") == ["cache", "db"])
        #expect(try values("status") == ["error", "ok", "unset"])
        #expect(try values("trace:rootName") == ["front", "lone"])
        #expect(try values("rootServiceName") == ["mail", "shop"])
    }

    /// Conditions with the keys of spans, resources, events and links of what they select.
    private static let filtered: [(condition: String, keys: [[String]])] = [
        ("name = \"db\"", [["d", "i"], ["service.name"], [], []]),
        ("name = \"api\"", [["b", "i", "list", "s"], ["service.name"], ["n", "why"], []]),
        ("name = \"linking\"", [[], ["host.name", "service.name"], [], ["l"]]),
        (
            "status = ok || kind = producer",
            [["b", "d", "i", "k b", "list", "s", "service.name"], ["service.name"], [], []]
        ),
        ("event.why = \"lost\"", [["b", "i", "list", "s"], ["service.name"], ["n", "why"], []]),
        ("resource.host.name = \"h\"", [[], ["host.name", "service.name"], [], ["l"]]),
        (".i = 99", [[], [], [], []]),
    ]

    @Test("lists the attribute keys of the spans that a filter selects", arguments: layouts, filtered)
    func filteredKeys(layout: Layout, query: (condition: String, keys: [[String]])) throws {
        let store = try store(layout)
        var linking = OTLPFixture.span(5, 30, "linking", start: 5_000_000_000)
        linking.links = [
            OTLP.Link(
                traceID: OTLP.TraceID(high: 0, low: 2), spanID: OTLP.SpanID(9),
                attributes: [OTLP.KeyValue(key: "l", value: 1)])
        ]
        _ = try store.append(OTLPFixture.request(service: "shop", [linking], host: "h").protobuf(), now: 1)
        let filter = UnfinishedQuery.condition("{ \(query.condition) }")
        let scopes: [AttributeScope] = [.span, .resource, .event, .link]
        var told = 0
        let found = try TagSearch.names(in: scopes, where: filter, on: store, range: .always) { done, total, soFar in
            told += 1
            #expect(done == told && done <= total && soFar()?.count == scopes.count)
        }
        #expect(found == query.keys)
        #expect(told > 0)
        // Everything begins later, though it may last.
        let before = TimeRange(start: 1, end: 1_000_000_000)
        #expect(try TagSearch.names(in: scopes, where: filter, on: store, range: before) == [[], [], [], []])
    }

    @Test(
        "computes series",
        arguments: [
            ("{ } | count_over_time()", "__name__=count_over_time 0.0,4.0,1.0,2.0"),
            (
                "{ } | rate() by(resource.service.name)",
                "resource.service.name=data 0.0,2.0,0.0,0.0; resource.service.name=mail 0.0,0.0,1.0,0.0; resource.service.name=shop 0.0,2.0,0.0,2.0"
            ),
            ("{ rootServiceName = \"shop\" } | count_over_time()", "__name__=count_over_time 0.0,4.0,0.0,0.0"),
            (
                "{ } | count_over_time() by(rootName)",
                "rootName=front 0.0,4.0,0.0,0.0; rootName=lone 0.0,0.0,1.0,0.0; rootName=nil 0.0,0.0,0.0,2.0"
            ),
            ("{ } | max_over_time(duration)", "__name__=max_over_time nan,0.4,0.01,1e-06"),
            (
                "{ .i > 0 } | sum_over_time(.i) by(kind)",
                "kind=client nan,7.0,nan,nan; kind=internal nan,5.0,nan,nan; kind=server nan,5.0,nan,nan"
            ),
            ("{ } | avg_over_time(.i)", "__name__=avg_over_time nan,5.666666666666667,nan,nan"),
            (
                "{ .i > 0 } | quantile_over_time(.i, 0, 0.5, 1)",
                "p=0.0 nan,5.0,nan,nan; p=0.5 nan,5.0,nan,nan; p=1.0 nan,7.0,nan,nan"
            ),
            ("{ .i > 0 } | histogram_over_time(.i)", "__bucket=8.0 0.0,3.0,0.0,0.0"),
            (
                "{ name = \"front\" } >> { } | count_over_time() by(name)",
                "name=api 0.0,1.0,0.0,0.0; name=cache 0.0,1.0,0.0,0.0; name=db 0.0,1.0,0.0,0.0"
            ),
            (
                "{ duration <= 1us } | count_over_time() by(.i, duration)",
                "duration=1µs 0.0,1.0,0.0,1.0; duration=500ns 0.0,0.0,0.0,1.0"
            ),
            ("{ } | count() > 2 | count_over_time()", "__name__=count_over_time 0.0,4.0,0.0,0.0"),
            (
                "{ } | count_over_time() by(.i) | topk(1)",
                ".i=5 0.0,2.0,nan,nan; .i=nil nan,nan,1.0,2.0"
            ),
            ("{ } | count_over_time() | > 1", "__name__=count_over_time nan,4.0,nan,2.0"),
            ("{ } | count_over_time() > 1 + 1", "__name__=count_over_time nan,4.0,nan,nan"),
            ("({ } | max_over_time(duration)) > 100ms", "__name__=max_over_time nan,0.4,nan,nan"),
            ("{ name != nil && \"ab\" =~ \"a.\" } | count_over_time()", "__name__=count_over_time 0.0,4.0,1.0,2.0"),
            ("{ nil = nil || \"ab\" !~ \"a.\" } | count_over_time()", ""),
            (
                "({ status = error } | count_over_time()) / ({ } | count_over_time()) * 100",
                "__name__=(count_over_time / count_over_time) nan,25.0,0.0,0.0"
            ),
        ])
    func series(query: String, expected: String) throws {
        let steps = MetricSteps(range: TimeRange(start: 1_900_000_000, end: 3_500_000_000), step: 1_000_000_000)
        #expect((0..<steps.count).map(steps.time) == [1_000_000_000, 2_000_000_000, 3_000_000_000, 4_000_000_000])
        for layout in Self.layouts {
            let store = try store(layout)
            let found = try TraceMetrics(Query(parsing: query))
                .run(on: store, steps: steps)
            let text = found.map { one in
                one.labels.map { "\($0.key)=\($0.value.shown)" }.joined(separator: ",") + " "
                    + one.values.map(\.description).joined(separator: ",")
            }
            #expect(text.joined(separator: "; ") == expected)
            try DiskFileSystem().removeTree(directory.file("wal"))
        }
    }

    @Test(
        "compares a selection with the rest, attribute by attribute",
        arguments: [
            (
                "{ } | compare({ status = error })", "name",
                [
                    "baseline_total nil 0.0,3.0,1.0,2.0", "selection_total nil 0.0,1.0,0.0,0.0",
                    "baseline cache 0.0,1.0,0.0,0.0", "baseline db 0.0,1.0,0.0,0.0", "baseline front 0.0,1.0,0.0,0.0",
                    "baseline lone 0.0,0.0,1.0,0.0", "baseline orphan 0.0,0.0,0.0,1.0",
                    "baseline orphan child 0.0,0.0,0.0,1.0", "selection api 0.0,1.0,0.0,0.0",
                ]
            ),
            (
                "{ } | compare({ .i = 7 })", "span.i",
                [
                    "baseline_total nil 0.0,2.0,0.0,0.0", "selection_total nil 0.0,1.0,0.0,0.0",
                    "baseline 5 0.0,2.0,0.0,0.0", "selection 7 0.0,1.0,0.0,0.0",
                ]
            ),
            (
                "{ } | compare({ duration >= 200ms }, 1)", "resource.service.name",
                [
                    "__too_many_values__ nil ", "baseline_total nil 0.0,2.0,1.0,2.0",
                    "selection_total nil 0.0,2.0,0.0,0.0", "baseline data 0.0,2.0,0.0,0.0",
                    "selection shop 0.0,2.0,0.0,0.0",
                ]
            ),
            (
                "{ } | compare({ }, 10, 1050000000, 1110000000)", "name",
                [
                    "baseline_total nil 0.0,2.0,1.0,2.0", "selection_total nil 0.0,2.0,0.0,0.0",
                    "baseline cache 0.0,1.0,0.0,0.0", "baseline front 0.0,1.0,0.0,0.0",
                    "baseline lone 0.0,0.0,1.0,0.0", "baseline orphan 0.0,0.0,0.0,1.0",
                    "baseline orphan child 0.0,0.0,0.0,1.0", "selection api 0.0,1.0,0.0,0.0",
                    "selection db 0.0,1.0,0.0,0.0",
                ]
            ),
            (
                "{ } | compare({ event.why = \"lost\" })", "event.n",
                [
                    "selection_total nil 0.0,2.0,0.0,0.0", "selection 1 0.0,1.0,0.0,0.0",
                    "selection 2 0.0,1.0,0.0,0.0",
                ]
            ),
            (
                "{ name = \"front\" } >> { } | by(name) | compare({ name = \"db\" })", "rootName",
                [
                    "baseline_total nil 0.0,2.0,0.0,0.0", "selection_total nil 0.0,1.0,0.0,0.0",
                    "baseline front 0.0,2.0,0.0,0.0", "selection front 0.0,1.0,0.0,0.0",
                ]
            ),
            ("{ status = ok } | compare({ })", "statusMessage", []),
            (
                "{ status = error } | compare({ })", "statusMessage",
                ["selection_total nil 0.0,1.0,0.0,0.0", "selection refused 0.0,1.0,0.0,0.0"]
            ),
            ("{ } | compare({ })", "duration", []), ("{ } | compare({ })", "trace:id", []),
            ("{ name = \"none\" } | compare({ })", "name", []),
        ])
    func comparison(query: String, attribute: String, expected: [String]) throws {
        let steps = MetricSteps(range: TimeRange(start: 1_900_000_000, end: 3_500_000_000), step: 1_000_000_000)
        for layout in Self.layouts {
            let store = try store(layout)
            let found = try TraceMetrics(Query(parsing: query)).run(on: store, steps: steps)
            let text = found.filter { $0.labels.last?.key == attribute }.map { one in
                one.labels.map(\.value.shown).joined(separator: " ") + " "
                    + one.values.map(\.description).joined(separator: ",")
            }
            #expect(text == expected, "\(layout)")
            try DiskFileSystem().removeTree(directory.file("wal"))
        }
    }

    @Test("counts spans at the ends of time, whatever range and step are asked for")
    func endsOfTime() throws {
        let store = try store(.memory(2))
        let spans = [OTLPFixture.span(8, 1, start: 0, duration: 0), OTLPFixture.span(9, 1, start: .max, duration: 0)]
        _ = try store.append(OTLPFixture.request(service: "edge", spans).protobuf(), now: 1)
        let query = try TraceMetrics(Query(parsing: "{ resource.service.name = \"edge\" } | count_over_time()"))
        func counts(_ steps: MetricSteps) throws -> [Double] {
            try query.run(on: store, steps: steps).first?.values ?? []
        }
        let edge: UInt64 = .max
        let last = try counts(MetricSteps(range: TimeRange(start: edge - 10, end: edge), step: 5))
        #expect(last == [0, 0, 1])
        // 2^64 - 4 is the last multiple of four that there is.
        let cut = MetricSteps(range: TimeRange(start: edge - 10, end: edge), step: 4)
        #expect(cut.time(cut.count - 1) == edge - 3)
        _ = try counts(cut)
        let first = try counts(MetricSteps(range: TimeRange(start: 0, end: 10), step: 1 << 63))
        #expect(first == [1, 0])
        let all = try counts(MetricSteps(instant: .always))
        #expect(all == [2])
        let early = try counts(MetricSteps(range: TimeRange(start: 1, end: 10), step: 5))
        #expect(early == [1, 0, 0])
    }

    @Test("a query that nobody waits for any more ends")
    func cancelled() throws {
        let store = try store(.memory(2))
        let cancellation = QueryCancellation()
        let search = try TraceSearch(Query(parsing: "{ }"))
        #expect(try search.run(on: store, range: .always, cancellation: cancellation).count == 3)
        cancellation.cancel()
        #expect(throws: CancellationError.self) {
            _ = try search.run(on: store, range: .always, cancellation: cancellation)
        }
        #expect(throws: CancellationError.self) {
            _ = try TraceMetrics(Query(parsing: "{ } | rate()"))
                .run(
                    on: store, steps: MetricSteps(range: TimeRange(start: 1, end: 5_000_000_000), step: 1_000_000_000),
                    cancellation: cancellation)
        }
        #expect(throws: CancellationError.self) {
            _ = try TagSearch.names(in: [.span], on: store, range: .always, cancellation: cancellation)
        }
    }
}
