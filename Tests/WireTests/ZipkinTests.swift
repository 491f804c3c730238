import Testing
import Wire

@Suite("Zipkin's spans as OTLP")
struct ZipkinTests {
    private static func traces(_ json: String, parsesTags: Bool = false) throws -> OTLP.Traces {
        try SpanFormat.zipkinJSON(parsesTags: parsesTags).traces(Array(json.utf8))
    }

    /// The one span of a list of one, with the ids that every span needs.
    private static func span(_ members: String, parsesTags: Bool = false) throws -> OTLP.Span {
        let traces = try traces(#"[{"traceId":"1","id":"2",\#(members)}]"#, parsesTags: parsesTags)
        return try #require(traces.resourceSpans.first?.scopeSpans.first?.spans.first)
    }

    private static func attributes(_ members: String) throws -> [String: OTLP.AnyValue] {
        Dictionary(uniqueKeysWithValues: try span(members).attributes.map { ($0.key.string, $0.value) })
    }

    @Test("a whole span")
    func whole() throws {
        let traces = try Self.traces(
            """
            [{"traceId":"5af7183fb1d4cf5f5af7183fb1d4cf5f","parentId":"6b221d5bc9e6496c","id":"352bff9a74ca9ad2",
              "kind":"CLIENT","name":"get /api","timestamp":1556604172355737,"duration":1431,
              "localEndpoint":{"serviceName":"backend","ipv4":"192.168.99.1","port":3306},
              "remoteEndpoint":{"serviceName":"db","ipv4":"172.19.0.2","ipv6":"2001:db8::c001","port":58648},
              "annotations":[{"timestamp":1556604172355740,"value":"sent"}],
              "tags":{"http.method":"GET","http.status_code":"200"},"shared":false,"unknown":[1,{"a":null}]}]
            """)
        let expected = OTLP.Span(
            traceID: OTLP.TraceID(high: 0x5af7_183f_b1d4_cf5f, low: 0x5af7_183f_b1d4_cf5f),
            spanID: OTLP.SpanID(0x352b_ff9a_74ca_9ad2), parentSpanID: OTLP.SpanID(0x6b22_1d5b_c9e6_496c),
            name: "get /api", kind: 3, startTimeUnixNano: 1_556_604_172_355_737_000,
            endTimeUnixNano: 1_556_604_172_357_168_000,
            attributes: [
                OTLP.KeyValue(key: "http.method", value: "GET"), OTLP.KeyValue(key: "http.status_code", value: "200"),
                OTLP.KeyValue(key: "peer.service", value: "db"),
                OTLP.KeyValue(key: "net.host.ip", value: "192.168.99.1"),
                OTLP.KeyValue(key: "net.host.port", value: 3306),
                OTLP.KeyValue(key: "net.peer.ip", value: "2001:db8::c001"),
                OTLP.KeyValue(key: "net.peer.port", value: 58648),
            ],
            events: [OTLP.Event(timeUnixNano: 1_556_604_172_355_740_000, name: "sent")])
        #expect(
            traces
                == OTLP.Traces(resourceSpans: [
                    OTLP.ResourceSpans(
                        resource: OTLP.Resource(attributes: [OTLP.KeyValue(key: "service.name", value: "backend")]),
                        scopeSpans: [OTLP.ScopeSpans(spans: [expected])])
                ]))
    }

    @Test(
        "kinds",
        arguments: [
            (#""kind":"CLIENT""#, 3), (#""kind":"SERVER""#, 2), (#""kind":"PRODUCER""#, 4), (#""kind":"CONSUMER""#, 5),
            (#""kind":null"#, 0), (#""kind":"OTHER""#, 0), (#""tags":{"span.kind":"internal"}"#, 1),
            (#""kind":"SERVER","tags":{"span.kind":"client"}"#, 2),
        ] as [(String, Int32)])
    func kinds(members: String, kind: Int32) throws {
        #expect(try Self.span(members).kind == kind)
    }

    @Test(
        "status, from what OpenTelemetry's exporters write and from Zipkin's error tag",
        arguments: [
            (#"{}"#, 0, ""), (#"{"error":"true"}"#, 2, ""), (#"{"error":"false"}"#, 0, ""),
            (#"{"error":"timeout"}"#, 2, "timeout"), (#"{"error":""}"#, 2, ""),
            (#"{"otel.status_code":"ERROR","error":"card declined"}"#, 2, "card declined"),
            (#"{"otel.status_code":"ERROR","otel.status_description":"no","error":"true"}"#, 2, "no"),
            (#"{"otel.status_code":"STATUS_CODE_OK"}"#, 1, ""), (#"{"otel.status_code":"OK","error":"odd"}"#, 1, ""),
        ] as [(String, Int32, ByteString)])
    func status(tags: String, code: Int32, message: ByteString) throws {
        #expect(try Self.span(#""tags":\#(tags)"#).status == OTLP.Status(message: message, code: code))
    }

    @Test("tags that say what the status says are not kept, others are")
    func statusTags() throws {
        #expect(try Self.attributes(#""timestamp":1,"tags":{"error":"true","otel.status_code":"ERROR"}"#) == [:])
        #expect(
            try Self.attributes(#""timestamp":1,"tags":{"otel.status_code":"OK","error":"odd"}"#) == ["error": "odd"])
    }

    @Test(
        "ids of 64 bits and without leading zeros are padded",
        arguments: [
            ("463ac35c9f6413ad", 0, 0x463a_c35c_9f64_13ad), ("ab", 0, 0xab),
            ("1463ac35c9f6413ad", 1, 0x463a_c35c_9f64_13ad),
            ("463AC35C9F6413AD48485a3953bb6124", 0x463a_c35c_9f64_13ad, 0x4848_5a39_53bb_6124),
        ] as [(String, UInt64, UInt64)])
    func ids(text: String, high: UInt64, low: UInt64) throws {
        let traces = try Self.traces(#"[{"traceId":"\#(text)","id":"c"}]"#)
        let span = try #require(traces.resourceSpans.first?.scopeSpans.first?.spans.first)
        #expect(span.traceID == OTLP.TraceID(high: high, low: low))
        #expect(span.spanID == OTLP.SpanID(0xc))
    }

    @Test("a root that names itself as its parent has none")
    func ownParent() throws {
        #expect(try Self.span(#""parentId":"0000000000000002""#).parentSpanID.isZero)
        #expect(try Self.span(#""parentId":"3""#).parentSpanID == OTLP.SpanID(3))
    }

    @Test("both halves of a shared span are kept, told apart by their kind")
    func shared() throws {
        let traces = try Self.traces(
            """
            [{"traceId":"1","id":"2","kind":"CLIENT","localEndpoint":{"serviceName":"a"}},
             {"traceId":"1","id":"2","kind":"SERVER","shared":true,"localEndpoint":{"serviceName":"b"}}]
            """)
        #expect(traces.resourceSpans.map { $0.scopeSpans[0].spans[0].kind } == [3, 2])
        #expect(traces.resourceSpans.map { $0.scopeSpans[0].spans[0].spanID } == [OTLP.SpanID(2), OTLP.SpanID(2)])
    }

    @Test("a debug span is a sampled one")
    func debug() throws {
        #expect(try Self.span(#""debug":true"#).flags == 1)
        #expect(try Self.span(#""debug":false"#).flags == 0)
    }

    @Test("a span without a start begins in 1970 and says so")
    func absentStart() throws {
        let span = try Self.span(#""duration":5"#)
        #expect(span.startTimeUnixNano == 0)
        #expect(span.endTimeUnixNano == 5000)
        #expect(span.attributes == [OTLP.KeyValue(key: "otel.zipkin.absentField.startTime", value: true)])
    }

    @Test(
        "times that OTLP cannot hold end at its bounds",
        arguments: [
            (#""timestamp":9223372036854775807,"duration":9223372036854775807"#, UInt64(Int64.max), UInt64(Int64.max)),
            (#""timestamp":-9223372036854775808,"duration":-9223372036854775808"#, 0, 0),
            (#""timestamp":9223372036854775,"duration":1"#, 9_223_372_036_854_775_000, UInt64(Int64.max)),
            (#""timestamp":10,"duration":-3"#, 10_000, 7000),
        ] as [(String, UInt64, UInt64)])
    func extremeTimes(members: String, start: UInt64, end: UInt64) throws {
        let span = try Self.span(members)
        #expect(span.startTimeUnixNano == start)
        #expect(span.endTimeUnixNano == end)
    }

    @Test("tags of a resource are the resource's; spans gather under equal resources and scopes")
    func grouping() throws {
        let scoped = #""otel.scope.name":"lib","otel.scope.version":"2","otel.library.name":"lib""#
        let traces = try Self.traces(
            """
            [{"traceId":"1","id":"1","localEndpoint":{"serviceName":"a"},"tags":{"host.name":"x",\(scoped),"k":"v"}},
             {"traceId":"1","id":"2","localEndpoint":{"serviceName":"a"},"tags":{"host.name":"y"}},
             {"traceId":"1","id":"3","localEndpoint":{"serviceName":"a"},"tags":{\(scoped),"host.name":"x"}},
             {"traceId":"1","id":"4","localEndpoint":{"serviceName":"a"},"tags":{"host.name":"x"}},
             {"traceId":"1","id":"5"}]
            """)
        func resource(_ host: OTLP.AnyValue) -> OTLP.Resource {
            OTLP.Resource(attributes: [
                OTLP.KeyValue(key: "service.name", value: "a"), OTLP.KeyValue(key: "host.name", value: host),
            ])
        }
        #expect(traces.resourceSpans.map(\.resource) == [resource("x"), resource("y"), OTLP.Resource()])
        let first = traces.resourceSpans[0]
        #expect(first.scopeSpans.map(\.scope) == [OTLP.InstrumentationScope(name: "lib", version: "2"), .init()])
        #expect(first.scopeSpans.map { $0.spans.map(\.spanID.value) } == [[1, 3], [4]])
        #expect(first.scopeSpans[0].spans[0].attributes.first?.key == "k")
    }

    @Test("the service's name may be another attribute of the resource")
    func serviceNameSource() throws {
        let traces = try Self.traces(
            #"[{"traceId":"1","id":"1","localEndpoint":{"serviceName":"f"},"tags":{"otlp.service.name.source":"faas.name"}}]"#
        )
        #expect(traces.resourceSpans[0].resource.attributes == [OTLP.KeyValue(key: "faas.name", value: "f")])
    }

    @Test(
        "annotations are events, with attributes where OpenTelemetry's exporters wrote them into the text",
        arguments: [
            (#"plain"#, "plain", [], 0), (#"a|b"#, "a|b", [], 0), (#"a|b|c"#, "a|b|c", [], 0),
            (#"retry|{\"attempt\":2,\"why\":\"x|y\"}|3"#, "retry", [("attempt", 2), ("why", "x|y")], 3),
            (#"{\"retry\": {\"attempt\": 2.5, \"last\": true}}"#, "retry", [("attempt", 2.5), ("last", true)], 0),
            (#"\"retry\": {\"list\":[1,\"a\"]}"#, "retry", [("list", .array([1, "a"]))], 0),
            (#"{\"a\":{},\"b\":{}}"#, #"{"a":{},"b":{}}"#, [], 0), (#"{\"a\":1}"#, #"{"a":1}"#, [], 0),
            (#"{"#, "{", [], 0),
        ] as [(String, ByteString, [(ByteString, OTLP.AnyValue)], UInt32)])
    func events(value: String, name: ByteString, attributes: [(ByteString, OTLP.AnyValue)], dropped: UInt32) throws {
        let span = try Self.span(#""annotations":[{"timestamp":7,"value":"\#(value)"}]"#)
        #expect(
            span.events == [
                OTLP.Event(
                    timeUnixNano: 7000, name: name,
                    attributes: attributes.map { OTLP.KeyValue(key: $0.0, value: $0.1) },
                    droppedAttributesCount: dropped)
            ])
    }

    @Test("links come back from tags, what is none stays a tag")
    func links() throws {
        let span = try Self.span(
            #"""
            "timestamp":1,"tags":{"otlp.link.0":"00000000000000000000000000000001|0000000000000002|a=b|{\"k\":\"v\"}|4",
            "otlp.link.1":"nonsense"}
            """#)
        #expect(
            span.links == [
                OTLP.Link(
                    traceID: OTLP.TraceID(low: 1), spanID: OTLP.SpanID(2), traceState: "a=b",
                    attributes: [OTLP.KeyValue(key: "k", value: "v")], droppedAttributesCount: 4)
            ])
        #expect(span.attributes == [OTLP.KeyValue(key: "otlp.link.1", value: "nonsense")])
    }

    @Test("tracestate and counts of what was dropped have fields of their own")
    func fields() throws {
        let span = try Self.span(
            #""timestamp":1,"tags":{"w3c.tracestate":"a=b","otel.dropped_attributes_count":"1","otel.dropped_events_count":"2","otel.dropped_links_count":"x"}"#
        )
        #expect(span.traceState == "a=b")
        #expect(span.droppedAttributesCount == 1)
        #expect(span.droppedEventsCount == 2)
        #expect(span.attributes == [OTLP.KeyValue(key: "otel.dropped_links_count", value: "x")])
    }

    @Test(
        "tags are text, or typed when that is asked for",
        arguments: [
            ("12", 12), ("-3", -3), ("1.5", 1.5), ("true", true), ("false", false), ("", ""), ("1.", "1."),
            ("--1", "--1"),
            ("1e5", "1e5"), ("99999999999999999999", "99999999999999999999"), ("1.2.3", "1.2.3"), ("[1]", "[1]"),
        ] as [(String, OTLP.AnyValue)])
    func typedTags(text: String, value: OTLP.AnyValue) throws {
        let members = #""timestamp":1,"tags":{"k":"\#(text)"}"#
        #expect(try Self.span(members, parsesTags: true).attributes == [OTLP.KeyValue(key: "k", value: value)])
        #expect(
            try Self.span(members).attributes == [OTLP.KeyValue(key: "k", value: .string(ByteString(text)))])
    }

    @Test("numbers without quotes are tags too, null is none, and of two tags of a name the last counts")
    func looseTags() throws {
        let many = (0..<40).map { #""t\#($0)":"a""# }.joined(separator: ",")
        let attributes = try Self.attributes(#""timestamp":1,"tags":{"n":1.50,"b":true,"z":null,\#(many),"t7":"last"}"#)
        #expect(attributes["n"] == "1.50")
        #expect(attributes["b"] == "true")
        #expect(attributes["z"] == nil)
        #expect(attributes["t7"] == "last")
        #expect(attributes.count == 42)
    }

    @Test("protobuf says the same as JSON")
    func protobuf() throws {
        let json = """
            [{"traceId":"463ac35c9f6413ad","parentId":"3","id":"2","kind":"PRODUCER","name":"n","timestamp":10,"duration":4,
              "localEndpoint":{"serviceName":"a","ipv4":"10.0.0.1"},
              "remoteEndpoint":{"ipv6":"2001:db8::1","port":80},
              "annotations":[{"timestamp":11,"value":"x"}],"tags":{"k":"v"},"debug":true}]
            """
        var span = ProtoWriter()
        span.bytes(1, [0x46, 0x3a, 0xc3, 0x5c, 0x9f, 0x64, 0x13, 0xad])
        span.bytes(2, [0, 0, 0, 0, 0, 0, 0, 3])
        span.bytes(3, [0, 0, 0, 0, 0, 0, 0, 2])
        span.uint64(4, 3)
        span.string(5, "n")
        span.fixed64(6, 10)
        span.uint64(7, 4)
        span.message(8) { endpoint in
            endpoint.string(1, "a")
            endpoint.bytes(2, [10, 0, 0, 1])
        }
        span.message(9) { endpoint in
            endpoint.bytes(3, [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1])
            endpoint.uint64(4, 80)
        }
        span.message(10) { annotation in
            annotation.fixed64(1, 11)
            annotation.string(2, "x")
        }
        span.message(11) { tag in
            tag.string(1, "k")
            tag.string(2, "v")
        }
        span.bool(12, true)
        span.bool(13, true)
        var list = ProtoWriter()
        list.bytes(1, span.bytes)
        let traces = try SpanFormat.zipkinProtobuf(parsesTags: false).traces(list.bytes)
        #expect(try traces == Self.traces(json))
    }

    @Test("an empty list is no span", arguments: ["[]", " [ ] "])
    func empty(json: String) throws {
        #expect(try Self.traces(json).count == 0)
        #expect(try SpanFormat.zipkinProtobuf(parsesTags: false).traces([]).count == 0)
    }

    @Test(
        "refuses what is no list of spans, with its place",
        arguments: [
            ("", "unexpected end of input at offset 0"), ("{}", "array expected, found object at offset 0"),
            ("[1]", "object expected, found number"),
            (#"[{"traceId":"xyz","id":"1"}]"#, "trace id is not 1 to 32 hex digits"),
            (#"[{"traceId":"1","id":"11112222333344445"}]"#, "span id is not 1 to 16 hex digits"),
            (#"[{"traceId":1}]"#, "string expected, found number"),
            (#"[{"timestamp":1.5}]"#, "not a 64-bit integer"),
            (#"[{"tags":{"a":{}}}]"#, "the value of a tag must be a string"),
            (#"[{"tags":["a"]}]"#, "object expected, found array"),
            (#"[{"localEndpoint":{"port":99999999999}}]"#, "not a 32-bit integer"),
            ("[{}]x", "unexpected text after the value"), ("[{\"name\":\"\u{7}\"}]", "control character in a string"),
        ])
    func malformed(json: String, message: String) {
        let error = #expect(throws: WireError.self) { try Self.traces(json) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test("refuses protobuf with ids and addresses of odd lengths, and text that is not UTF-8")
    func malformedProtobuf() {
        func error(_ body: (inout ProtoWriter) -> Void) -> String? {
            var list = ProtoWriter()
            list.message(1, body)
            let bytes = list.bytes
            return #expect(throws: WireError.self) {
                try SpanFormat.zipkinProtobuf(parsesTags: false).traces(bytes)
            }?.description
        }
        #expect(error { $0.bytes(1, [1, 2, 3]) } == "trace id of 3 bytes, not 16 or 8, at offset 3")
        #expect(error { $0.bytes(3, [1]) } == "span id of 1 bytes, not 8, at offset 3")
        #expect(error { $0.message(8) { $0.bytes(2, [1, 2]) } } == "address of 2 bytes, not 4, at offset 5")
        #expect(error { $0.bytes(5, [0xFF]) } == "string of field 5 is not valid UTF-8 at offset 4")
    }

    @Test("decodes within a limit of memory")
    func memory() {
        let body = Array(("[" + Array(repeating: "{}", count: 10_000).joined(separator: ",") + "]").utf8)
        #expect(throws: WireError.tooLarge(limit: 64 << 10, what: "decoded request in bytes")) {
            try SpanFormat.zipkinJSON(parsesTags: false).traces(body, limits: DecodeLimits(memory: 64 << 10))
        }
    }

    @Test("cut or mutated anywhere, bodies are answered or refused but never crash")
    func mutations() throws {
        let json = Array(
            #"[{"traceId":"1","id":"2","timestamp":-5,"annotations":[{"timestamp":7,"value":"r|{\"a\":[1,{\"b\":2}]}|3"}],"tags":{"otlp.link.0":"01|02|x|{\"k\":1}|4","error":"e"}}]"#
                .utf8)
        var span = ProtoWriter()
        span.message(1) { span in
            span.bytes(1, [UInt8](repeating: 1, count: 16))
            span.bytes(3, [UInt8](repeating: 2, count: 8))
            span.fixed64(6, .max)
            span.uint64(7, .max)
            span.message(8) { $0.bytes(3, [UInt8](repeating: 7, count: 16)) }
            span.message(11) { $0.string(1, "k") }
        }
        var random = SplitMix64(seed: 9)
        for (format, body) in [
            (SpanFormat.zipkinJSON(parsesTags: true), json), (.zipkinProtobuf(parsesTags: true), span.bytes),
        ] {
            _ = try format.traces(body)
            for length in 0..<body.count { _ = try? format.traces(Array(body[..<length])) }
            for _ in 0..<5000 { _ = try? format.traces(random.mutate(body)).protobuf() }
        }
    }
}
