import Wire

/// Builds export requests.
enum OTLPFixture {
    static func span(
        _ trace: UInt64, _ id: UInt64, parent: UInt64 = 0, _ name: String = "op", kind: Int32 = 1,
        start: UInt64 = 1_000,
        duration: UInt64 = 100, status: Int32 = 0, attributes: [(String, OTLP.AnyValue)] = []
    ) -> OTLP.Span {
        OTLP.Span(
            traceID: OTLP.TraceID(high: 0, low: trace), spanID: OTLP.SpanID(id), parentSpanID: OTLP.SpanID(parent),
            name: ByteString(name), kind: kind, startTimeUnixNano: start, endTimeUnixNano: start + duration,
            attributes: attributes.map { OTLP.KeyValue(key: ByteString($0.0), value: $0.1) },
            status: OTLP.Status(message: ByteString(), code: status))
    }

    static func request(service: String, _ spans: [OTLP.Span], host: String? = nil) -> OTLP.Traces {
        var resource = OTLP.Resource(attributes: [
            OTLP.KeyValue(key: "service.name", value: .string(ByteString(service)))
        ])
        if let host {
            resource.attributes.append(OTLP.KeyValue(key: "host.name", value: .string(ByteString(host))))
        }
        let scope = OTLP.ScopeSpans(scope: OTLP.InstrumentationScope(name: "lib", version: "1.2"), spans: spans)
        return OTLP.Traces(resourceSpans: [OTLP.ResourceSpans(resource: resource, scopeSpans: [scope])])
    }

    /// Everything the protocol has for a span.
    static func full() -> OTLP.Traces {
        var span = OTLP.Span(
            traceID: OTLP.TraceID(high: 0x0102_0304_0506_0708, low: 9), spanID: OTLP.SpanID(0xA1), traceState: "a=b",
            parentSpanID: OTLP.SpanID(0xB2), name: "GET /é", kind: 2, startTimeUnixNano: 1_700_000_000_000_000_001,
            endTimeUnixNano: 1_700_000_000_000_500_000)
        span.attributes = [
            OTLP.KeyValue(key: "string", value: "text"), OTLP.KeyValue(key: "empty text", value: ""),
            OTLP.KeyValue(key: "int", value: 42), OTLP.KeyValue(key: "negative", value: -7),
            OTLP.KeyValue(key: "large", value: .int(.min)), OTLP.KeyValue(key: "double", value: 1.5),
            OTLP.KeyValue(key: "nan", value: .double(.infinity)), OTLP.KeyValue(key: "yes", value: true),
            OTLP.KeyValue(key: "no", value: false), OTLP.KeyValue(key: "none", value: .empty),
            OTLP.KeyValue(key: "list", value: .array(["a", 1, .array([true]), .empty])),
            OTLP.KeyValue(key: "map", value: .map([OTLP.KeyValue(key: "k", value: .map([]))])),
            OTLP.KeyValue(key: "bytes", value: .bytes(ByteString([0, 255, 7]))),
            OTLP.KeyValue(key: "string", value: "again"),
        ]
        span.droppedAttributesCount = 3
        span.events = [
            OTLP.Event(
                timeUnixNano: 1_700_000_000_000_000_100, name: "exception",
                attributes: [OTLP.KeyValue(key: "exception.type", value: "E")], droppedAttributesCount: 1),
            OTLP.Event(timeUnixNano: 1_700_000_000_000_000_200, name: "second"),
        ]
        span.droppedEventsCount = 4
        span.links = [
            OTLP.Link(
                traceID: OTLP.TraceID(high: 5, low: 6), spanID: OTLP.SpanID(7), traceState: "s",
                attributes: [OTLP.KeyValue(key: "l", value: 1)], droppedAttributesCount: 2, flags: 257)
        ]
        span.droppedLinksCount = 5
        span.status = OTLP.Status(message: "broken", code: 2)
        span.flags = 0x301
        let scope = OTLP.InstrumentationScope(
            name: "lib", version: "2", attributes: [OTLP.KeyValue(key: "s", value: "t")], droppedAttributesCount: 1)
        let resource = OTLP.Resource(
            attributes: [OTLP.KeyValue(key: "service.name", value: "shop"), OTLP.KeyValue(key: "n", value: 1)],
            droppedAttributesCount: 2)
        return OTLP.Traces(resourceSpans: [
            OTLP.ResourceSpans(
                resource: resource,
                scopeSpans: [OTLP.ScopeSpans(scope: scope, spans: [span], schemaURL: "https://s/1")],
                schemaURL: "https://r/1")
        ])
    }
}
