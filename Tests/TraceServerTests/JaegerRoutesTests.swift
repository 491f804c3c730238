import Testing
import Wire

@Suite("Jaeger's query API")
struct JaegerRoutesTests {
    private static let start: UInt64 = 1_700_000_000_000_000_000

    /// Trace ab: `GET /` of shop, with a failed child of cart in another resource. Trace 1…2 of shop, with a whole id.
    private static let traces: OTLP.Traces = {
        let root = OTLP.Span(
            traceID: OTLP.TraceID(low: 0xAB), spanID: OTLP.SpanID(1), traceState: "a=b", name: "GET /", kind: 2,
            startTimeUnixNano: start, endTimeUnixNano: start + 5_000_000,
            attributes: [
                OTLP.KeyValue(key: "http.status_code", value: 500), OTLP.KeyValue(key: "big", value: .int(.max)),
                OTLP.KeyValue(key: "ratio", value: 0.5), OTLP.KeyValue(key: "cold", value: true),
                OTLP.KeyValue(key: "list", value: .array([1, "a"])), OTLP.KeyValue(key: "odd key", value: "\"x\""),
                OTLP.KeyValue(key: "raw", value: .bytes(ByteString([1, 2]))),
            ],
            links: [
                OTLP.Link(traceID: OTLP.TraceID(high: 1, low: 2), spanID: OTLP.SpanID(9)),
                OTLP.Link(
                    traceID: OTLP.TraceID(low: 3), spanID: OTLP.SpanID(4),
                    attributes: [OTLP.KeyValue(key: "opentracing.ref_type", value: "child_of")]),
            ], flags: 1)
        let child = OTLP.Span(
            traceID: OTLP.TraceID(low: 0xAB), spanID: OTLP.SpanID(2), parentSpanID: OTLP.SpanID(1), name: "charge",
            kind: 3, startTimeUnixNano: start + 1_000_000, endTimeUnixNano: start + 2_000_000,
            events: [
                OTLP.Event(
                    timeUnixNano: start + 1_500_000, name: "retry",
                    attributes: [OTLP.KeyValue(key: "attempt", value: 2)])
            ], status: OTLP.Status(message: "declined", code: 2))
        let other = OTLP.Span(
            traceID: OTLP.TraceID(high: 1, low: 2), spanID: OTLP.SpanID(9), name: "tick",
            startTimeUnixNano: start + 50_000_000_000, endTimeUnixNano: start + 50_000_000_100)
        func resource(_ name: OTLP.AnyValue) -> OTLP.Resource {
            OTLP.Resource(attributes: [
                OTLP.KeyValue(key: "service.name", value: name), OTLP.KeyValue(key: "host.name", value: "h1"),
            ])
        }
        return OTLP.Traces(resourceSpans: [
            OTLP.ResourceSpans(
                resource: resource("shop"),
                scopeSpans: [
                    OTLP.ScopeSpans(scope: OTLP.InstrumentationScope(name: "lib", version: "2"), spans: [root]),
                    OTLP.ScopeSpans(spans: [other]),
                ]),
            OTLP.ResourceSpans(resource: resource("cart"), scopeSpans: [OTLP.ScopeSpans(spans: [child])]),
        ])
    }()

    private static let rest = #""total":0,"limit":0,"offset":0,"errors":null}"#

    @Test("lists services and their operations")
    func names() async throws {
        try await QueryServer.with(Self.traces) { get in
            let services = try await get("/jaeger/api/services", [:])
            #expect(services.status == 200)
            #expect(services.type == "application/json")
            #expect(services.body == #"{"data":["cart","shop"],"total":2,"limit":0,"offset":0,"errors":null}"#)
            let names = try await get("/jaeger/api/services/shop/operations", [:])
            #expect(names.body == #"{"data":["GET /","tick"],"total":2,"limit":0,"offset":0,"errors":null}"#)
            let kinds = try await get("/jaeger/api/operations?service=shop", [:])
            #expect(
                kinds.body
                    == #"{"data":[{"name":"GET /","spanKind":"server"},{"name":"tick","spanKind":""}],"total":2,"limit":0,"offset":0,"errors":null}"#
            )
            let servers = try await get("/jaeger/api/operations?service=shop&spanKind=server", [:])
            #expect(
                servers.body
                    == #"{"data":[{"name":"GET /","spanKind":"server"}],"total":1,"limit":0,"offset":0,"errors":null}"#)
            let unknown = try await get("/jaeger/api/services/a%20%22b%22/operations", [:])
            #expect(unknown.body == #"{"data":[],"# + Self.rest)
            let dependencies = try await get("/jaeger/api/dependencies?endTs=1&lookback=1", [:])
            #expect(dependencies.body == #"{"data":[],"# + Self.rest)
        }
    }

    @Test(
        "answers a trace by its id as the UI reads it",
        arguments: ["ab", "00000000000000ab", "000000000000000000000000000000AB"])
    func trace(id: String) async throws {
        try await QueryServer.with(Self.traces) { get in
            let answer = try await get("/jaeger/api/traces/\(id)?prettyPrint=true", [:])
            #expect(answer.status == 200)
            let body = answer.body
            #expect(body.hasPrefix(#"{"data":[{"traceID":"00000000000000ab","spans":["#))
            #expect(body.hasSuffix(#""warnings":null}],"# + Self.rest))
            for part in [
                #"{"traceID":"00000000000000ab","spanID":"0000000000000001","flags":1,"operationName":"GET /","references":[{"refType":"FOLLOWS_FROM","traceID":"00000000000000010000000000000002","spanID":"0000000000000009"},{"refType":"CHILD_OF","traceID":"0000000000000003","spanID":"0000000000000004"}],"startTime":1700000000000000,"duration":5000,"tags":["#,
                #"{"key":"otel.scope.name","type":"string","value":"lib"},{"key":"otel.scope.version","type":"string","value":"2"}"#,
                #"{"key":"http.status_code","type":"int64","value":500}"#,
                #"{"key":"big","type":"int64","value":"9223372036854775807"}"#,
                #"{"key":"ratio","type":"float64","value":0.5}"#, #"{"key":"cold","type":"bool","value":true}"#,
                #"{"key":"list","type":"string","value":"[1,\"a\"]"}"#,
                #"{"key":"odd key","type":"string","value":"\"x\""}"#,
                #"{"key":"raw","type":"binary","value":"AQI="}"#,
                #"{"key":"span.kind","type":"string","value":"server"}"#,
                #"{"key":"w3c.tracestate","type":"string","value":"a=b"}"#,
                #""operationName":"charge","references":[{"refType":"CHILD_OF","traceID":"00000000000000ab","spanID":"0000000000000001"}],"startTime":1700000000001000,"duration":1000,"tags":[{"key":"span.kind","type":"string","value":"client"},{"key":"otel.status_code","type":"string","value":"ERROR"},{"key":"error","type":"bool","value":true},{"key":"otel.status_description","type":"string","value":"declined"}],"logs":[{"timestamp":1700000000001500,"fields":[{"key":"event","type":"string","value":"retry"},{"key":"attempt","type":"int64","value":2}]}],"processID":"p"#,
                #"{"serviceName":"shop","tags":[{"key":"host.name","type":"string","value":"h1"}]}"#,
                #"{"serviceName":"cart","tags":[{"key":"host.name","type":"string","value":"h1"}]}"#,
            ] { #expect(body.contains(part), "\(part)\n\(body)") }
        }
    }

    @Test("says in JSON that a trace is not there, or that its id is none")
    func noTrace() async throws {
        try await QueryServer.with(Self.traces) { get in
            let unknown = try await get("/jaeger/api/traces/77", [:])
            #expect(unknown.status == 404)
            #expect(unknown.type == "application/json")
            #expect(
                unknown.body
                    == #"{"data":null,"total":0,"limit":0,"offset":0,"errors":[{"code":404,"msg":"trace not found"}]}"#)
            let bad = try await get("/jaeger/api/traces/xyz", [:])
            #expect(bad.status == 400)
            #expect(bad.body.contains(#"{"code":400,"msg":"trace id must have"#))
        }
    }

    private static let shop = #""traceID":"00000000000000ab","spans""#
    private static let tick = #""traceID":"00000000000000010000000000000002","spans""#

    @Test(
        "finds traces with one span that has all that is asked for, newest first",
        arguments: [
            ("service=shop", [tick, shop]), ("service=shop&limit=1", [tick]), ("service=cart", [shop]),
            ("service=shop&operation=GET%20/", [shop]), ("service=shop&operation=charge", []),
            ("service=cart&minDuration=1ms&maxDuration=1ms", [shop]), ("service=cart&minDuration=1.1ms", []),
            ("service=shop&maxDuration=1us", [tick]),
            ("service=shop&tag=http.status_code:500", [shop]),
            ("service=shop&tags=%7B%22http.status_code%22%3A%22500%22%2C%22cold%22%3A%22true%22%7D", [shop]),
            ("service=shop&tags=%7B%22http.status_code%22%3A%22404%22%7D", []),
            ("service=shop&tag=host.name:h1&tag=ratio:0.5", [shop]),
            ("service=shop&tag=odd%20key:%22x%22", [shop]), ("service=shop&tag=span.kind:server", [shop]),
            ("service=cart&tag=error:true", [shop]), ("service=shop&tag=error:true", []),
            ("service=cart&tag=otel.status_code:ERROR&tag=otel.status_description:declined", [shop]),
            ("service=cart&tag=event:retry&tag=attempt:2", [shop]), ("service=shop&tag=otel.scope.name:lib", [shop]),
            ("service=shop&start=1700000040000000&end=1700000060000000", [tick]),
            ("service=shop&start=1700000060000000", []), ("traceID=ab&traceID=10000000000000002", [shop, tick]),
        ])
    func finds(parameters: String, expected: [String]) async throws {
        try await QueryServer.with(Self.traces) { get in
            let answer = try await get("/jaeger/api/traces?" + parameters, [:])
            #expect(answer.status == 200, "\(answer.body)")
            let found = [Self.shop, Self.tick].compactMap { trace in
                answer.body.firstRange(of: trace).map { (trace, $0.lowerBound) }
            }.sorted { $0.1 < $1.1 }.map(\.0)
            #expect(found == expected)
            #expect(answer.body.hasSuffix(Self.rest))
        }
    }

    @Test("names the traces that were asked for by id and are not there")
    func missing() async throws {
        try await QueryServer.with(Self.traces) { get in
            let answer = try await get("/jaeger/api/traces?traceID=77&traceID=ab", [:])
            #expect(answer.status == 200)
            #expect(answer.body.contains(Self.shop))
            #expect(answer.body.hasSuffix(#""errors":[{"msg":"trace not found","traceID":"0000000000000077"}]}"#))
        }
    }

    @Test(
        "refuses wrong parameters with the reason, in JSON",
        arguments: [
            ("traces", "parameter 'service' is required"), ("operations", "parameter 'service' is required"),
            ("traces?service=a&start=x", "cannot parse start: \\\"x\\\" is not Unix time in microseconds"),
            ("traces?service=a&end=-1", "cannot parse end"),
            ("traces?service=a&end=9223372036854775807", "cannot parse end"),
            ("traces?service=a&start=2&end=1", "parameter 'start' must not be after 'end'"),
            ("traces?service=a&limit=0", "cannot parse limit"),
            ("traces?service=a&limit=999999999", "raise query_frontend"),
            ("traces?service=a&minDuration=5", "cannot parse minDuration: time: missing unit"),
            ("traces?service=a&minDuration=2s&maxDuration=1s", "'maxDuration' should be greater than 'minDuration'"),
            ("traces?service=a&tag=x", "malformed 'tag' parameter, expecting key:value, received: x"),
            ("traces?service=a&tags=%7B", "malformed 'tags' parameter"),
            ("traces?service=a&tags=%7B%22a%22%3A%5B%5D%7D", "the value of a tag must be a string at offset 5"),
            ("traces?traceID=xyz", "cannot parse traceID param"),
            (
                "traces?service=a&start=1",
                "exceeds the limit of 604800 s; raise overrides.defaults.read.max_search_duration"
            ),
        ])
    func refuses(path: String, message: String) async throws {
        try await QueryServer.with(Self.traces) { get in
            let answer = try await get("/jaeger/api/" + path, [:])
            #expect(answer.status == 400)
            #expect(
                answer.body.hasPrefix(#"{"data":null,"total":0,"limit":0,"offset":0,"errors":[{"code":400,"msg":""#))
            #expect(answer.body.contains(message), "\(answer.body)")
        }
    }

    @Test("keeps tenants apart when requests name them")
    func tenants() async throws {
        try await QueryServer.with(Self.traces, multitenant: true) { get in
            let missing = try await get("/jaeger/api/services", [:])
            #expect(missing.status == 401)
            let other = try await get("/jaeger/api/services", ["X-Scope-OrgID": "other"])
            #expect(other.body == #"{"data":[],"# + Self.rest)
            let search = try await get("/jaeger/api/traces?service=shop", ["X-Scope-OrgID": "other"])
            #expect(search.body == #"{"data":[],"# + Self.rest)
            let own = try await get("/jaeger/api/services", ["X-Scope-OrgID": "team"])
            #expect(own.body.hasPrefix(#"{"data":["cart","shop"]"#))
        }
    }
}
