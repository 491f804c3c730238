import Testing
import Wire

@Suite("Jaeger's spans as OTLP")
struct JaegerTests {
    // MARK: Thrift

    private static func tag(_ key: String, _ type: Int32, _ value: (inout ThriftWriter) -> Void) -> [UInt8] {
        ThriftWriter.structure { tag in
            tag.string(1, key)
            tag.int32(2, type)
            value(&tag)
        }
    }

    private static func text(_ key: String, _ value: String) -> [UInt8] { tag(key, 0) { $0.string(3, value) } }

    private static func int(_ key: String, _ value: Int64) -> [UInt8] { tag(key, 3) { $0.int64(6, value) } }

    private static func flag(_ key: String, _ value: Bool) -> [UInt8] { tag(key, 2) { $0.bool(5, value) } }

    private static func reference(_ type: Int32, trace: Int64, span: Int64) -> [UInt8] {
        ThriftWriter.structure { reference in
            reference.int32(1, type)
            reference.int64(2, trace)
            reference.int64(3, 0)
            reference.int64(4, span)
        }
    }

    private static func span(
        parent: Int64 = 0, start: Int64 = 1_485_467_191_639_875, duration: Int64 = 22_938, references: [[UInt8]] = [],
        flags: Int32 = 0, tags: [[UInt8]] = [], logs: [[UInt8]] = []
    ) -> [UInt8] {
        ThriftWriter.structure { span in
            span.int64(1, 0x19)
            span.int64(2, 0)
            span.int64(3, -1)
            span.int64(4, parent)
            span.string(5, "op")
            span.list(6, references)
            span.int32(7, flags)
            span.int64(8, start)
            span.int64(9, duration)
            span.list(10, tags)
            span.list(11, logs)
        }
    }

    private static func batch(_ spans: [[UInt8]], service: String = "api", tags: [[UInt8]] = []) -> [UInt8] {
        ThriftWriter.structure { batch in
            batch.structure(1) { process in
                process.string(1, service)
                process.list(2, tags)
            }
            batch.list(2, spans)
            batch.int64(3, 7)
            batch.structure(4) { $0.int64(1, 0) }
        }
    }

    private static func translated(_ span: [UInt8]) throws -> OTLP.Span {
        let traces = try SpanFormat.jaegerThrift.traces(batch([span]))
        return try #require(traces.resourceSpans.first?.scopeSpans.first?.spans.first)
    }

    @Test("a whole span in Thrift")
    func thrift() throws {
        let span = Self.span(
            parent: 5, references: [Self.reference(0, trace: 0x19, span: 5), Self.reference(1, trace: 2, span: 6)],
            flags: 3,
            tags: [
                Self.text("span.kind", "client"), Self.text("s", "v"), Self.int("i", -7),
                Self.tag("d", 1) { $0.double(4, 1.5) }, Self.flag("b", false),
                Self.tag("x", 4) { $0.string(7, [0xFF, 0]) }, Self.tag("u", 9) { _ in },
                Self.text("otel.scope.name", "lib"), Self.text("otel.scope.version", "2"),
                Self.text("w3c.tracestate", "a=b"), Self.int("otel.dropped_events_count", 3),
            ],
            logs: [
                ThriftWriter.structure { log in
                    log.int64(1, 1_485_467_191_639_880)
                    log.list(2, [Self.text("event", "retry"), Self.int("attempt", 2)])
                },
                ThriftWriter.structure { log in
                    log.int64(1, 2)
                    log.list(2, [])
                },
            ])
        let traces = try SpanFormat.jaegerThrift.traces(
            Self.batch(
                [span], tags: [Self.text("hostname", "h1"), Self.text("jaeger.version", "Go-2.30"), Self.int("n", 1)])
        )
        let expected = OTLP.Span(
            traceID: OTLP.TraceID(low: 0x19), spanID: OTLP.SpanID(.max), traceState: "a=b",
            parentSpanID: OTLP.SpanID(5),
            name: "op", kind: 3, startTimeUnixNano: 1_485_467_191_639_875_000,
            endTimeUnixNano: 1_485_467_191_662_813_000,
            attributes: [
                OTLP.KeyValue(key: "s", value: "v"), OTLP.KeyValue(key: "i", value: -7),
                OTLP.KeyValue(key: "d", value: 1.5), OTLP.KeyValue(key: "b", value: false),
                OTLP.KeyValue(key: "x", value: .bytes(ByteString([0xFF, 0]))),
                OTLP.KeyValue(key: "u", value: "<unknown Jaeger tag type 9>"),
            ],
            events: [
                OTLP.Event(
                    timeUnixNano: 1_485_467_191_639_880_000, name: "retry",
                    attributes: [OTLP.KeyValue(key: "attempt", value: 2)]), OTLP.Event(timeUnixNano: 2000),
            ],
            droppedEventsCount: 3,
            links: [
                OTLP.Link(
                    traceID: OTLP.TraceID(low: 2), spanID: OTLP.SpanID(6),
                    attributes: [OTLP.KeyValue(key: "opentracing.ref_type", value: "follows_from")])
            ],
            flags: 1)
        let resource = OTLP.Resource(attributes: [
            OTLP.KeyValue(key: "service.name", value: "api"), OTLP.KeyValue(key: "n", value: 1),
            OTLP.KeyValue(key: "host.name", value: "h1"),
            OTLP.KeyValue(key: "opencensus.exporterversion", value: "Jaeger-Go-2.30"),
        ])
        #expect(
            traces
                == OTLP.Traces(resourceSpans: [
                    OTLP.ResourceSpans(
                        resource: resource,
                        scopeSpans: [
                            OTLP.ScopeSpans(
                                scope: OTLP.InstrumentationScope(name: "lib", version: "2"), spans: [expected])
                        ])
                ]))
    }

    @Test("the parent is what the span names, else a child-of reference into its trace, else a follows-from one")
    func parents() throws {
        let child = Self.reference(0, trace: 0x19, span: 3)
        let follower = Self.reference(1, trace: 0x19, span: 4)
        let elsewhere = Self.reference(0, trace: 1, span: 5)
        let named = try Self.translated(Self.span(parent: 9, references: [child]))
        #expect(named.parentSpanID == OTLP.SpanID(9))
        #expect(named.links.map(\.spanID) == [OTLP.SpanID(3)])
        let childOf = try Self.translated(Self.span(references: [elsewhere, follower, child]))
        #expect(childOf.parentSpanID == OTLP.SpanID(3))
        #expect(childOf.links.map(\.spanID) == [OTLP.SpanID(5), OTLP.SpanID(4)])
        let followsFrom = try Self.translated(Self.span(references: [follower]))
        #expect(followsFrom.parentSpanID == OTLP.SpanID(4))
        #expect(followsFrom.links.map(\.spanID) == [OTLP.SpanID(4)])
        let root = try Self.translated(Self.span(references: [elsewhere]))
        #expect(root.parentSpanID.isZero)
        #expect(root.links[0].attributes == [OTLP.KeyValue(key: "opentracing.ref_type", value: "child_of")])
    }

    @Test("status: the error tag, then OpenTelemetry's status, then HTTP's")
    func status() throws {
        func status(_ tags: [UInt8]...) throws -> OTLP.Status { try Self.translated(Self.span(tags: tags)).status }
        #expect(try status() == OTLP.Status())
        #expect(try status(Self.flag("error", true)) == OTLP.Status(code: 2))
        #expect(try status(Self.text("error", "true")) == OTLP.Status(code: 2))
        #expect(try status(Self.flag("error", false)) == OTLP.Status())
        let described = try status(
            Self.flag("error", true), Self.text("otel.status_code", "OK"), Self.text("otel.status_description", "no"))
        #expect(described == OTLP.Status(message: "no", code: 2))
        let explained = try status(Self.flag("error", true), Self.text("http.status_message", "Gone"))
        #expect(explained == OTLP.Status(message: "Gone", code: 2))
        #expect(try status(Self.text("otel.status_code", "ok")) == OTLP.Status(code: 1))
        #expect(
            try status(Self.text("otel.status_code", "ERROR"), Self.text("otel.status_description", "no"))
                == OTLP.Status(message: "no", code: 2))
        #expect(try status(Self.int("http.status_code", 503)) == OTLP.Status(code: 2))
        #expect(try status(Self.text("http.status_code", "404")) == OTLP.Status(code: 2))
        #expect(
            try status(Self.int("http.status_code", 404), Self.text("span.kind", "server")) == OTLP.Status())
        #expect(try status(Self.int("http.status_code", 200)) == OTLP.Status())
    }

    @Test("tags that a field of OTLP says are not kept")
    func takenTags() throws {
        let span = try Self.translated(
            Self.span(tags: [
                Self.flag("error", true), Self.text("otel.status_code", "ERROR"),
                Self.text("otel.status_description", "no"), Self.text("span.kind", "other"), Self.flag("k", true),
            ]))
        #expect(span.attributes == [OTLP.KeyValue(key: "k", value: true)])
        #expect(span.kind == 0)
    }

    @Test(
        "times that OTLP cannot hold end at its bounds",
        arguments: [
            (Int64.max, Int64.max, UInt64(Int64.max), UInt64(Int64.max)), (Int64.min, Int64.min, 0, 0),
            (10, -3, 10_000, 7000),
        ] as [(Int64, Int64, UInt64, UInt64)])
    func extremeTimes(start: Int64, duration: Int64, first: UInt64, last: UInt64) throws {
        let span = try Self.translated(Self.span(start: start, duration: duration))
        #expect(span.startTimeUnixNano == first)
        #expect(span.endTimeUnixNano == last)
    }

    @Test("fields that are not known are passed over, whatever they are")
    func unknownFields() throws {
        let body = ThriftWriter.structure { batch in
            batch.structure(9) { inner in
                inner.list(1, [Self.text("a", "b")])
                // A map of one text to a list of two numbers, and a set of one byte.
                inner.header(13, 2)
                inner.raw([11, 15, 0, 0, 0, 1, 0, 0, 0, 1, 0x6B, 6, 0, 0, 0, 2, 0, 1, 0, 2])
                inner.header(14, 3)
                inner.raw([3, 0, 0, 0, 1, 9])
            }
            batch.list(2, [Self.span()])
        }
        let traces = try SpanFormat.jaegerThrift.traces(body)
        #expect(traces.count == 1)
        #expect(traces.resourceSpans[0].resource == OTLP.Resource())
    }

    @Test("refuses bodies that are no batch, with the place")
    func malformed() {
        func error(_ body: [UInt8]) -> String? {
            #expect(throws: WireError.self) { try SpanFormat.jaegerThrift.traces(body) }?.description
        }
        #expect(error([]) == "input ends early at offset 0")
        #expect(error([0x1C]) == "Thrift type 28 at offset 0")
        #expect(error([0, 1]) == "1 bytes behind the end of the message at offset 1")
        #expect(error([12, 0, 1]) == "input ends early at offset 3")
        // The process is a number, the spans are a list of numbers, a list claims two thousand million spans.
        #expect(error([8, 0, 1, 0, 0, 0, 0, 0]) == "field 1 has type 8, not 12, at offset 3")
        #expect(
            error([15, 0, 2, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0]) == "list of field 2 has elements of type 8 at offset 3")
        #expect(error([15, 0, 2, 12, 0x7F, 0xFF, 0xFF, 0xFF, 0]) == "input ends early at offset 4")
        #expect(error([15, 0, 2, 12, 0xFF, 0xFF, 0xFF, 0xFF, 0]) == "-1 elements at offset 4")
        #expect(error([15, 0, 9, 0, 0, 0, 0, 5, 0]) == "elements without a type at offset 4")
        #expect(error([11, 0, 9, 0xFF, 0xFF, 0xFF, 0xFF, 0]) == "length -1 at offset 3")
        #expect(error([11, 0, 9, 0, 0, 0, 9, 0]) == "input ends early at offset 3")
        #expect(
            error(Self.batch([], service: "s", tags: [Self.tag("k", 0) { $0.string(3, [0xFF]) }]))?
                .hasPrefix("string is not valid UTF-8 at offset") == true)
    }

    @Test("what is skipped may be nested so deep and no deeper")
    func depth() throws {
        func nested(_ levels: Int) -> [UInt8] {
            var body: [UInt8] = []
            for _ in 0..<levels { body += [12, 0, 9] }
            return body + [UInt8](repeating: 0, count: levels + 1)
        }
        let limits = DecodeLimits(depth: 100)
        #expect(try SpanFormat.jaegerThrift.traces(nested(100), limits: limits).count == 0)
        #expect(throws: WireError.tooDeep(limit: 100)) {
            try SpanFormat.jaegerThrift.traces(nested(101), limits: limits)
        }
        #expect(throws: WireError.tooDeep(limit: 100)) {
            try SpanFormat.jaegerThrift.traces(nested(100_000), limits: limits)
        }
    }

    @Test("decodes within a limit of memory")
    func memory() {
        let body = Self.batch([[UInt8]](repeating: [0], count: 10_000))
        #expect(throws: WireError.tooLarge(limit: 64 << 10, what: "decoded request in bytes")) {
            try SpanFormat.jaegerThrift.traces(body, limits: DecodeLimits(memory: 64 << 10))
        }
    }

    // MARK: Protobuf

    private static func protobufTag(_ key: String, _ type: UInt64, _ value: (inout ProtoWriter) -> Void) -> [UInt8] {
        var writer = ProtoWriter()
        writer.string(1, key)
        writer.uint64(2, type)
        value(&writer)
        return writer.bytes
    }

    private static func time(_ seconds: Int64, _ nanos: Int64) -> [UInt8] {
        var writer = ProtoWriter()
        writer.int64(1, seconds)
        writer.int64(2, nanos)
        return writer.bytes
    }

    private static func process(_ name: String) -> [UInt8] {
        var writer = ProtoWriter()
        writer.string(1, name)
        writer.bytes(2, protobufTag("zone", 0) { $0.string(3, "z") })
        return writer.bytes
    }

    private static func request(
        process: [UInt8]? = process("api"), _ spans: (inout ProtoWriter) -> Void...
    ) -> [UInt8] {
        var request = ProtoWriter()
        request.message(1) { batch in
            for span in spans {
                batch.message(1) { writer in
                    writer.bytes(1, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x19])
                    writer.bytes(2, [0, 0, 0, 0, 0, 0, 0, 7])
                    span(&writer)
                }
            }
            if let process { batch.bytes(2, process) }
        }
        return request.bytes
    }

    @Test("a whole span in protobuf")
    func protobuf() throws {
        let body = Self.request { span in
            span.string(3, "op")
            span.message(4) { reference in
                reference.bytes(1, [0, 0, 0, 0, 0, 0, 0, 0x19])
                reference.bytes(2, [0, 0, 0, 0, 0, 0, 0, 5])
            }
            span.uint64(5, 1)
            span.bytes(6, Self.time(100, 5))
            span.bytes(7, Self.time(1, 500))
            span.bytes(8, Self.protobufTag("b", 1) { $0.bool(4, true) })
            span.bytes(8, Self.protobufTag("i", 2) { $0.int64(5, -7) })
            span.bytes(8, Self.protobufTag("d", 3) { $0.double(6, 1.5) })
            span.bytes(8, Self.protobufTag("x", 4) { $0.bytes(7, [1]) })
            span.message(9) { log in
                log.bytes(1, Self.time(100, 9))
                log.bytes(2, Self.protobufTag("event", 0) { $0.string(3, "retry") })
            }
            span.string(12, "clock skew")
        }
        let traces = try SpanFormat.jaegerProtobuf.traces(body)
        let expected = OTLP.Span(
            traceID: OTLP.TraceID(low: 0x19), spanID: OTLP.SpanID(7), parentSpanID: OTLP.SpanID(5), name: "op",
            startTimeUnixNano: 100_000_000_005, endTimeUnixNano: 101_000_000_505,
            attributes: [
                OTLP.KeyValue(key: "b", value: true), OTLP.KeyValue(key: "i", value: -7),
                OTLP.KeyValue(key: "d", value: 1.5), OTLP.KeyValue(key: "x", value: .bytes(ByteString([1]))),
            ],
            events: [OTLP.Event(timeUnixNano: 100_000_000_009, name: "retry")], flags: 1)
        let resource = OTLP.Resource(attributes: [
            OTLP.KeyValue(key: "service.name", value: "api"), OTLP.KeyValue(key: "zone", value: "z"),
        ])
        #expect(
            traces
                == OTLP.Traces(resourceSpans: [
                    OTLP.ResourceSpans(resource: resource, scopeSpans: [OTLP.ScopeSpans(spans: [expected])])
                ]))
    }

    @Test("a span's own process rules over the batch's; equal processes are one resource")
    func processes() throws {
        let body = Self.request(
            process: Self.process("shared"), { $0.string(3, "a") }, { $0.bytes(10, Self.process("own")) },
            { $0.bytes(10, Self.process("shared")) })
        let traces = try SpanFormat.jaegerProtobuf.traces(body)
        #expect(
            traces.resourceSpans.map { $0.resource.attributes.first("service.name") } == ["shared", "own"])
        #expect(traces.resourceSpans.map { $0.scopeSpans[0].spans.count } == [2, 1])
    }

    @Test(
        "times beyond all bounds end at them",
        arguments: [
            (Int64.max, Int64.max, UInt64(Int64.max), UInt64(Int64.max)), (Int64.min, Int64.min, 0, 0),
            (-1, 2, 0, 1_000_000_000),
        ] as [(Int64, Int64, UInt64, UInt64)])
    func extremeProtobufTimes(start: Int64, duration: Int64, first: UInt64, last: UInt64) throws {
        let traces = try SpanFormat.jaegerProtobuf.traces(
            Self.request { span in
                span.bytes(6, Self.time(start, 0))
                span.bytes(7, Self.time(duration, 0))
            })
        #expect(traces.resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano == first)
        #expect(traces.resourceSpans[0].scopeSpans[0].spans[0].endTimeUnixNano == last)
    }

    @Test("an empty request is no span")
    func empty() throws {
        #expect(try SpanFormat.jaegerProtobuf.traces([]).count == 0)
        #expect(try SpanFormat.jaegerThrift.traces(Self.batch([])).count == 0)
    }

    // MARK: Both

    @Test("cut or mutated anywhere, bodies are answered or refused but never crash")
    func mutations() throws {
        let thrift = Self.batch([
            Self.span(
                references: [Self.reference(1, trace: 0x19, span: 4)],
                tags: [Self.text("s", "v"), Self.flag("error", true)],
                logs: [ThriftWriter.structure { $0.list(2, [Self.text("event", "e")]) }])
        ])
        let protobuf = Self.request { span in
            span.bytes(6, Self.time(.max, .max))
            span.bytes(8, Self.protobufTag("s", 0) { $0.string(3, "v") })
            span.bytes(10, Self.process("own"))
        }
        var random = SplitMix64(seed: 11)
        for (format, body) in [(SpanFormat.jaegerThrift, thrift), (.jaegerProtobuf, protobuf)] {
            _ = try format.traces(body)
            for length in 0..<body.count { _ = try? format.traces(Array(body[..<length])) }
            for _ in 0..<5000 { _ = try? format.traces(random.mutate(body)).protobuf() }
        }
    }

    @Test("cut at any byte, a batch in Thrift is refused")
    func truncated() {
        let body = Self.batch([Self.span(tags: [Self.text("s", "v")])])
        for length in 0..<body.count {
            #expect(throws: WireError.self) { try SpanFormat.jaegerThrift.traces(Array(body[..<length])) }
        }
    }
}
