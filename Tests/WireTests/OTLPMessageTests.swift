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
