import MartletCore
import MetricStorage
import RemoteStorage
import SpanMetrics
import Testing
import Wire

@Suite("Service graphs")
struct ServiceGraphTests {
    private static let nowMs = GeneratorFixture.nowMs

    private func config(_ change: (inout ServiceGraphConfig) -> Void = { _ in }) -> GeneratorConfig {
        var config = GeneratorConfig()
        var graphs = ServiceGraphConfig()
        graphs.metrics = .requests
        change(&graphs)
        config.serviceGraphs = graphs
        return config
    }

    private func client(
        _ attributes: [(String, OTLP.AnyValue)] = [], trace: UInt64 = 1, kind: Int32 = 3, status: Int32 = 0,
        seconds: Double = 2, endMs: Int64 = GeneratorFixture.nowMs
    ) -> OTLP.Traces {
        GeneratorFixture.request(
            "web",
            [
                GeneratorFixture.span(
                    trace, 10, parent: 9, kind: kind, seconds: seconds, endMs: endMs, status: status, attributes)
            ])
    }

    private func server(
        _ attributes: [(String, OTLP.AnyValue)] = [], trace: UInt64 = 1, parent: UInt64 = 10, kind: Int32 = 2,
        status: Int32 = 0, seconds: Double = 1, endMs: Int64 = GeneratorFixture.nowMs
    ) -> OTLP.Traces {
        GeneratorFixture.request(
            "shop",
            [
                GeneratorFixture.span(
                    trace, 11, parent: parent, kind: kind, seconds: seconds, endMs: endMs, status: status, attributes)
            ])
    }

    private let totals = "traces_service_graph_request_total"

    @Test("a client's span and the server's make one request, whichever comes first", arguments: [false, true])
    func pair(isReversed: Bool) throws {
        let fixture = try GeneratorFixture(
            config {
                $0.metrics = .usual
                $0.buckets = [1.5]
            })
        for traces in isReversed ? [server(), client()] : [client(), server()] { fixture.add(traces) }
        let labels = #"client="web", server="shop""#
        let prefix = "traces_service_graph_request_"
        #expect(
            try fixture.collect() == [
                #"\#(prefix)client_seconds_bucket{client="web", le="+Inf", server="shop"} 1.0"#,
                #"\#(prefix)client_seconds_bucket{client="web", le="1.5", server="shop"} 0.0"#,
                "\(prefix)client_seconds_count{\(labels)} 1.0", "\(prefix)client_seconds_sum{\(labels)} 2.0",
                "\(prefix)failed_total{\(labels)} 0.0",
                #"\#(prefix)server_seconds_bucket{client="web", le="+Inf", server="shop"} 1.0"#,
                #"\#(prefix)server_seconds_bucket{client="web", le="1.5", server="shop"} 1.0"#,
                "\(prefix)server_seconds_count{\(labels)} 1.0", "\(prefix)server_seconds_sum{\(labels)} 1.0",
                "\(prefix)total{\(labels)} 1.0",
            ])
        #expect(fixture.generator.statistics.counts.edges == 1)
    }

    @Test("a request has failed when either side says so", arguments: [(2, 0, 1.0), (0, 2, 1.0), (1, 1, 0.0)])
    func failed(client clientStatus: Int32, server serverStatus: Int32, failed: Double) throws {
        let fixture = try GeneratorFixture(config())
        fixture.add(client(status: clientStatus))
        fixture.add(server(status: serverStatus))
        #expect(
            try fixture.collect("traces_service_graph_request_failed") == [
                #"traces_service_graph_request_failed_total{client="web", server="shop"} \#(failed)"#
            ])
    }

    @Test("messages are of a messaging system, and the time they were on their way can be had")
    func messaging() throws {
        let fixture = try GeneratorFixture(
            config {
                $0.metrics = [.requests, .latency]
                $0.hasMessagingLatency = true
                $0.buckets = [1]
            })
        fixture.add(client(kind: 4, endMs: Self.nowMs - 3000))
        fixture.add(server(kind: 5, seconds: 1))
        let lines = try fixture.collect()
        let labels = #"client="web", connection_type="messaging_system", server="shop""#
        #expect(lines.contains("\(totals){\(labels)} 1.0"))
        #expect(lines.contains("traces_service_graph_request_messaging_system_seconds_sum{\(labels)} 2.0"))
    }

    @Test(
        "a span that tells of a database is a request by itself; where the database is names it",
        arguments: [
            ([("db.system", "postgresql")], "postgresql"),
            ([("db.system", "postgresql"), ("db.name", "orders")], "orders"),
            ([("db.system.name", "mysql"), ("server.address", "db-1")], "db-1"),
            ([("db.namespace", "n"), ("peer.service", "billing"), ("server.address", "db-1")], "billing"),
            ([("db.name", "n"), ("network.peer.address", "10.0.0.1"), ("network.peer.port", "5432")], "10.0.0.1:5432"),
            ([("db.name", "n"), ("network.peer.address", "10.0.0.1")], "10.0.0.1"),
        ])
    func database(attributes: [(String, String)], name: String) throws {
        let fixture = try GeneratorFixture(config())
        fixture.add(client(attributes.map { ($0.0, .string(ByteString($0.1))) }))
        #expect(
            try fixture.collect(totals) == [
                #"\#(totals){client="web", connection_type="database", server="\#(name)"} 1.0"#
            ])
    }

    @Test("a client that waits in vain and names its peer has called a virtual node")
    func virtualServer() throws {
        let fixture = try GeneratorFixture(config { $0.hasVirtualNodeLabel = true })
        fixture.add(client([("peer.service", "mail")]))
        #expect(try fixture.collect(totals, Self.nowMs + 9999) == [])
        #expect(
            try fixture.collect(totals, Self.nowMs + 10_000) == [
                #"\#(totals){client="web", connection_type="virtual_node", server="mail", virtual_node="server"} 1.0"#
            ])
    }

    @Test(
        "a server whose trace begins with it was called by a user, or by the peer that it names",
        arguments: [(nil, "user"), ("browser", "browser")])
    func virtualClient(peer: String?, name: String) throws {
        let fixture = try GeneratorFixture(config())
        fixture.add(server(peer.map { [("peer.service", .string(ByteString($0)))] } ?? [], parent: 0))
        #expect(
            try fixture.collect(totals, Self.nowMs + 10_000) == [
                #"\#(totals){client="\#(name)", connection_type="virtual_node", server="shop"} 1.0"#
            ])
    }

    @Test("sides of which nothing can be told expire, and are counted by their kind")
    func expired() throws {
        let fixture = try GeneratorFixture(config())
        fixture.add(client())
        fixture.add(server(trace: 2))
        #expect(try fixture.collect(totals, Self.nowMs + 10_000) == [])
        #expect(fixture.generator.statistics.counts.expiredEdges == [3: 1, 2: 1])
    }

    @Test("no more sides wait than may, and those that find no room are counted")
    func full() throws {
        let fixture = try GeneratorFixture(config { $0.maxItems = 2 })
        for trace in 1...3 { fixture.add(client(trace: UInt64(trace))) }
        #expect(fixture.generator.statistics.counts.droppedSpans == 1)
        #expect(fixture.generator.statistics.counts.edges == 2)
        for trace in 1...3 { fixture.add(server(trace: UInt64(trace))) }
        #expect(try fixture.collect(totals) == [#"\#(totals){client="web", server="shop"} 2.0"#])
    }

    @Test("a side that waits keeps no more of a text than a label can show, which memory is charged for")
    func longTexts() throws {
        var config = config()
        config.registry.valueBytes = 1000
        let budget = MemoryBudget(limitBytes: 1 << 30)
        let generator = TenantGenerator(config, tenant: "t", instance: "i", budget: budget, startMs: 0)
        func add(_ trace: UInt64) {
            let peer = OTLP.AnyValue.string(ByteString(String(repeating: "p", count: 1 << 20)))
            generator.add(
                client([("peer.service", peer)], trace: trace).protobuf(), rejected: [],
                now: UInt64(Self.nowMs) * 1_000_000)
        }
        add(1)
        let before = budget.used
        add(2)
        #expect((1000..<10_000).contains(budget.used - before))
    }

    @Test("what has expired makes room for what comes")
    func room() throws {
        let fixture = try GeneratorFixture(config { $0.maxItems = 1 })
        fixture.add(client())
        let later = Self.nowMs + 10_000
        fixture.add(client(trace: 2, endMs: later), nowMs: later)
        fixture.add(server(trace: 2, endMs: later), nowMs: later)
        #expect(try fixture.collect(totals, later + 1) == [#"\#(totals){client="web", server="shop"} 1.0"#])
        #expect(fixture.generator.statistics.counts.droppedSpans == 0)
    }

    @Test("dimensions are of either side, or of both with a prefix")
    func dimensions() throws {
        for hasPrefix in [false, true] {
            let fixture = try GeneratorFixture(
                config {
                    $0.dimensions = ["zone"]
                    $0.hasSidePrefix = hasPrefix
                })
            fixture.add(client([("zone", "eu")]))
            fixture.add(server([("zone", "us")]))
            let labels =
                hasPrefix
                ? #"client="web", client_zone="eu", server="shop", server_zone="us""#
                : #"client="web", server="shop", zone="us""#
            #expect(try fixture.collect(totals) == ["\(totals){\(labels)} 1.0"])
        }
    }

    @Test("the other side of a span that a filter leaves out does not wait for it", arguments: [false, true])
    func filtered(isReversed: Bool) throws {
        let fixture = try GeneratorFixture(
            config {
                $0.filter.exclude = [SpanFilter.Policy([(subject: .span("skip"), expected: .bool(true))])]
            })
        let sides = [client([("peer.service", "mail")]), server([("skip", true)])]
        for traces in isReversed ? sides.reversed() : sides { fixture.add(traces) }
        #expect(try fixture.collect(totals, Self.nowMs + 20_000) == [])
        #expect(fixture.generator.statistics.counts.serviceGraphsFiltered == 1)
        #expect(fixture.generator.statistics.counts.droppedEdges == 1)
    }

    @Test("that two services talk can be a metric by itself")
    func connections() throws {
        let fixture = try GeneratorFixture(config { $0.metrics = .connections })
        fixture.add(client())
        fixture.add(server())
        #expect(
            try fixture.collect() == [#"traces_service_graph_connection_info{client="web", server="shop"} 1.0"#])
    }

    @Test("spans inside a service, and those of no service, are no edges")
    func others() throws {
        let fixture = try GeneratorFixture(config())
        fixture.add(GeneratorFixture.request("web", [GeneratorFixture.span(1, 10, kind: 1)]))
        fixture.add(
            OTLP.Traces(resourceSpans: [
                OTLP.ResourceSpans(
                    resource: OTLP.Resource(),
                    scopeSpans: [OTLP.ScopeSpans(spans: [GeneratorFixture.span(1, 11, kind: 2)])])
            ]))
        #expect(fixture.generator.statistics.counts.edges == 0)
    }
}
