import Durable
import Wire

/// Random requests in which traces, resources, keys and values of all types come again and again.
struct SpanGenerator {
    private var random: SplitMix64
    /// The traces that were made, by the lower half of their ids; the upper half is that modulo 3.
    private(set) var traces: Set<UInt64> = []

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    private mutating func number(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

    mutating func request(spans count: Int) -> OTLP.Traces {
        var resources: [OTLP.ResourceSpans] = []
        var left = count
        while left > 0 {
            let some = 1 + number(left)
            left -= some
            let scope = OTLP.InstrumentationScope(
                name: ByteString("scope \(number(3))"), version: ByteString(number(2) == 0 ? "" : "1"),
                attributes: number(4) == 0 ? attributes(2) : [], droppedAttributesCount: UInt32(number(2)))
            let resource = OTLP.Resource(
                attributes: [OTLP.KeyValue(key: "service.name", value: .string(ByteString("service \(number(4))")))]
                    + attributes(3))
            resources.append(
                OTLP.ResourceSpans(
                    resource: resource,
                    scopeSpans: [
                        OTLP.ScopeSpans(
                            scope: scope, spans: (0..<some).map { _ in span() },
                            schemaURL: ByteString(number(3) == 0 ? "https://schema" : ""))
                    ], schemaURL: ""))
        }
        return OTLP.Traces(resourceSpans: resources)
    }

    private mutating func span() -> OTLP.Span {
        let trace = UInt64(1 + number(40))
        traces.insert(trace)
        let start = 1_000_000 + trace * 1000 + UInt64(number(500))
        var span = OTLP.Span(
            traceID: OTLP.TraceID(high: trace % 3, low: trace), spanID: OTLP.SpanID(UInt64(1 + number(30))),
            parentSpanID: OTLP.SpanID(UInt64(number(40))), name: ByteString("operation \(number(6))"),
            kind: Int32(number(8)) - 1, startTimeUnixNano: start,
            endTimeUnixNano: number(20) == 0 ? start - 5 : start + UInt64(number(100_000)))
        span.attributes = attributes(number(3) == 0 ? 0 : 6)
        if number(3) == 0 {
            span.status = OTLP.Status(message: ByteString(number(2) == 0 ? "" : "why"), code: Int32(number(4)))
        }
        if number(6) == 0 { span.traceState = "a=b" }
        if number(5) == 0 { span.flags = UInt32(number(1000)) }
        if number(9) == 0 { span.droppedAttributesCount = UInt32(number(5)) }
        if number(3) == 0 {
            for index in 0..<number(4) {
                span.events.append(
                    OTLP.Event(
                        timeUnixNano: start &- 50 &+ UInt64(index * 40), name: ByteString("event \(number(3))"),
                        attributes: attributes(2), droppedAttributesCount: UInt32(number(2))))
            }
        }
        if number(5) == 0 {
            span.links.append(
                OTLP.Link(
                    traceID: OTLP.TraceID(high: 1, low: random.next()), spanID: OTLP.SpanID(random.next()),
                    traceState: ByteString(number(2) == 0 ? "" : "s"), attributes: attributes(2),
                    droppedAttributesCount: UInt32(number(2)), flags: UInt32(number(3))))
        }
        return span
    }

    private mutating func attributes(_ most: Int) -> [OTLP.KeyValue] {
        (0..<(most == 0 ? 0 : number(most + 1))).map { _ in
            // A few keys are frequent, most are seen once.
            let key = number(4) == 0 ? "key \(number(500))" : ["a", "b", "list", "n", ""][number(5)]
            return OTLP.KeyValue(key: ByteString(key), value: value(depth: 0))
        }
    }

    private mutating func value(depth: Int) -> OTLP.AnyValue {
        switch number(depth > 2 ? 7 : 10) {
        case 0: return .string(ByteString(["x", "y", "", "a longer text, more than a few bytes"][number(4)]))
        case 1: return .string(ByteString("user \(number(1000))"))
        case 2: return .int(Int64(number(600)))
        case 3: return .int(Int64(bitPattern: random.next()))
        case 4: return .double(Double(number(100)) / 8 - 3)
        case 5: return .bool(number(2) == 0)
        case 6: return .empty
        case 7: return .array((0..<number(3)).map { _ in value(depth: depth + 1) })
        case 8: return .map([OTLP.KeyValue(key: "m", value: value(depth: depth + 1))])
        default: return .bytes(ByteString([UInt8(number(256)), 0, 255]))
        }
    }
}
