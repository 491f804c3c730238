import Testing
import Wire

@Suite("OTLP messages")
struct OTLPMessageTests {
    @Test("survive protobuf unchanged")
    func protobufRoundTrip() throws {
        #expect(try OTLP.Traces(protobuf: OTLPSamples.traces.protobuf()) == OTLPSamples.traces)
        #expect(try OTLP.Logs(protobuf: OTLPSamples.logs.protobuf()) == OTLPSamples.logs)
        #expect(try OTLP.Metrics(protobuf: OTLPSamples.metrics.protobuf()) == OTLPSamples.metrics)
    }

    @Test("survive OTLP/JSON unchanged")
    func jsonRoundTrip() throws {
        #expect(try OTLP.Traces(json: OTLPSamples.traces.json()) == OTLPSamples.traces)
        #expect(try OTLP.Logs(json: OTLPSamples.logs.json()) == OTLPSamples.logs)
        #expect(try OTLP.Metrics(json: OTLPSamples.metrics.json()) == OTLPSamples.metrics)
    }

    @Test("text that is not UTF-8 is refused with its place, in protobuf and in JSON; bytes may be anything")
    func invalidUTF8() throws {
        func traces(name: [UInt8], value: OTLP.AnyValue = .empty) -> OTLP.Traces {
            let span = OTLP.Span(
                traceID: OTLP.TraceID(high: 0, low: 1), spanID: OTLP.SpanID(1), name: ByteString(name),
                attributes: [OTLP.KeyValue(key: "k", value: value)])
            return OTLP.Traces(resourceSpans: [.init(scopeSpans: [.init(spans: [span])])])
        }
        // Bad at the start, in the middle and at the end, in text shorter and longer than a machine word; cut short,
        // overlong, a surrogate.
        let bad: [[UInt8]] = [
            [0xFF], [0x61, 0xC3], Array("a long name, ".utf8) + [0x80] + Array("and what follows".utf8),
            Array("a long name".utf8) + [0xE2, 0x82], [0xC0, 0x80], [0xED, 0xA0, 0x80], Array("12345678".utf8) + [0xFE],
        ]
        for name in bad {
            let refusal = #expect(throws: WireError.self) {
                try OTLP.Traces(protobuf: traces(name: name).protobuf())
            }
            #expect(refusal?.description.contains("is not valid UTF-8 at offset") == true)
            let nested = OTLP.AnyValue.array([.map([OTLP.KeyValue(key: ByteString(name), value: true)])])
            #expect(throws: WireError.self) {
                try OTLP.Traces(protobuf: traces(name: [], value: nested).protobuf())
            }
            let json = #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"NAME"}]}]}]}"#
            let parts = json.split(separator: "NAME").map { Array($0.utf8) }
            #expect(throws: WireError.self) { try OTLP.Traces(json: parts[0] + name + parts[1]) }
        }
        for name in ["", "é", "a long name with € in it", "𐐷"] {
            let request = traces(name: Array(name.utf8), value: .bytes(ByteString([0xFF, 0x80])))
            #expect(try OTLP.Traces(protobuf: request.protobuf()) == request)
        }
    }

    @Test("count spans, records and points")
    func counts() {
        #expect(OTLPSamples.traces.count == 2)
        #expect(OTLPSamples.logs.count == 2)
        #expect(OTLPSamples.metrics.count == 6)
    }

    @Test("cut at any byte, protobuf is accepted only between fields and never crashes")
    func truncatedProtobuf() {
        let body = OTLPSamples.traces.protobuf()
        var accepted = 0
        for length in 0..<body.count {
            if (try? OTLP.Traces(protobuf: Array(body[..<length]))) != nil { accepted += 1 }
        }
        // The empty prefix and the one after the first ResourceSpans.
        #expect(accepted == 2)
    }

    @Test("cut at any byte, JSON is refused")
    func truncatedJSON() {
        let body = OTLP.Traces(resourceSpans: [.init(scopeSpans: [.init(spans: [OTLPSamples.span])])]).json()
        for length in 0..<body.count {
            #expect(throws: WireError.self) { try OTLP.Traces(json: Array(body[..<length])) }
        }
    }

    @Test("nested deeper than the limit, values are refused", arguments: [100, 101, 5000])
    func depth(levels: Int) throws {
        var value = OTLP.AnyValue.bool(true)
        for _ in 1..<min(levels, 101) { value = .array([value]) }
        var body = OTLP.Logs(resourceLogs: [.init(scopeLogs: [.init(logRecords: [.init(body: value)])])]).protobuf()
        if levels > 101 {
            // Built bottom up as bytes: an array in an array and so on.
            var inner: [UInt8] = []
            for _ in 0..<levels {
                var array = ProtoWriter()
                array.bytes(1, inner)
                var any = ProtoWriter()
                any.bytes(5, array.bytes)
                inner = any.bytes
            }
            for field: UInt32 in [5, 2, 2, 1] {
                var outer = ProtoWriter()
                outer.bytes(field, inner)
                inner = outer.bytes
            }
            body = inner
        }
        if levels == 100 {
            #expect(try OTLP.Logs(protobuf: body).count == 1)
        } else {
            #expect(throws: WireError.tooDeep(limit: 100)) { try OTLP.Logs(protobuf: body) }
        }
    }

    @Test("many empty spans cost no more memory than the limit")
    func memory() {
        var scope = ProtoWriter()
        for _ in 0..<100_000 { scope.message(2) { _ in } }
        var resource = ProtoWriter()
        resource.bytes(2, scope.bytes)
        var body = ProtoWriter()
        body.bytes(1, resource.bytes)
        let bytes = body.bytes
        #expect(throws: WireError.tooLarge(limit: 1 << 20, what: "decoded request in bytes")) {
            try OTLP.Traces(protobuf: bytes, limits: DecodeLimits(memory: 1 << 20))
        }
        #expect(throws: WireError.tooLarge(limit: 1 << 10, what: "decoded request in bytes")) {
            try OTLP.Traces(json: OTLPSamples.traces.json(), limits: DecodeLimits(memory: 1 << 10))
        }
    }

    @Test("an id of another length is refused")
    func idLength() {
        var span = ProtoWriter()
        span.bytes(1, [1, 2, 3])
        var body = span.bytes
        for field: UInt32 in [2, 2, 1] {
            var outer = ProtoWriter()
            outer.bytes(field, body)
            body = outer.bytes
        }
        #expect(throws: WireError.malformed(offset: 7, what: "trace id of 3 bytes, not 16,")) {
            try OTLP.Traces(protobuf: body)
        }
    }
}
