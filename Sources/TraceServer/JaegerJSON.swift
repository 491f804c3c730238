import MartletCore
import Wire

/// Answers as Jaeger's UI reads them: `{"data":…,"total":0,"limit":0,"offset":0,"errors":null}`.
struct JaegerJSON {
    /// Numbers beyond these lose digits in a browser and are written as text.
    private static let safeIntegers = -(Int64(1) << 53) + 1...(Int64(1) << 53) - 1
    /// The service of spans that have none.
    private static let noService: ByteString = "OTLPResourceNoServiceName"

    private var json = JSONWriter()
    private var missing: [OTLP.TraceID] = []

    /// Begins a list of traces.
    init() {
        json.beginObject()
        json.key("data")
        json.beginArray()
    }

    /// Bytes written so far.
    var count: Int { json.bytes.count }

    /// Notes that a trace that was asked for is not there.
    mutating func appendMissing(_ id: OTLP.TraceID) {
        missing.append(id)
    }

    /// Ends the list of traces.
    consuming func finished() -> [UInt8] {
        json.endArray()
        let errors = missing.map { (code: Int?.none, message: "trace not found", trace: Self.traceID($0)) }
        Self.end(&json, total: 0, errors: errors)
        return json.bytes
    }

    // MARK: Other answers

    /// A list that `body` writes.
    static func list(total: Int, _ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("data")
        json.beginArray()
        body(&json)
        json.endArray()
        end(&json, total: total, errors: [])
        return json.bytes
    }

    /// Why there is no answer.
    static func failure(_ code: Int, _ message: String) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("data")
        json.null()
        end(&json, total: 0, errors: [(code, message, nil)])
        return json.bytes
    }

    private static func end(
        _ json: inout JSONWriter, total: Int, errors: [(code: Int?, message: String, trace: String?)]
    ) {
        for (key, value) in [("total", total), ("limit", 0), ("offset", 0)] {
            json.key(key)
            json.int(value)
        }
        json.key("errors")
        if errors.isEmpty {
            json.null()
        } else {
            json.beginArray()
            for error in errors {
                json.beginObject()
                if let code = error.code {
                    json.key("code")
                    json.int(code)
                }
                json.key("msg")
                json.string(error.message)
                if let trace = error.trace {
                    json.key("traceID")
                    json.string(trace)
                }
                json.endObject()
            }
            json.endArray()
        }
        json.endObject()
    }

    // MARK: Traces

    /// Appends a trace. Resources become processes; what OTLP has fields for and Jaeger has not becomes tags.
    mutating func append(_ id: OTLP.TraceID, _ traces: OTLP.Traces) {
        json.beginObject()
        json.key("traceID")
        json.string(Self.traceID(id))
        json.key("spans")
        json.beginArray()
        var processes: [[OTLP.KeyValue]: Int] = [:]
        for resource in traces.resourceSpans {
            let process = processes[resource.resource.attributes] ?? processes.count + 1
            processes[resource.resource.attributes] = process
            for scope in resource.scopeSpans {
                for span in scope.spans { append(span, scope.scope, process) }
            }
        }
        json.endArray()
        json.key("processes")
        json.beginObject()
        for (attributes, number) in processes.sorted(by: { $0.value < $1.value }) {
            json.key("p\(number)")
            append(process: attributes)
        }
        json.endObject()
        json.key("warnings")
        json.null()
        json.endObject()
    }

    private mutating func append(_ span: OTLP.Span, _ scope: OTLP.InstrumentationScope, _ process: Int) {
        json.beginObject()
        json.key("traceID")
        json.string(Self.traceID(span.traceID))
        json.key("spanID")
        json.string(span.spanID.description)
        if span.flags & 0xFF != 0 {
            json.key("flags")
            json.uint(UInt64(span.flags & 0xFF))
        }
        json.key("operationName")
        string(span.name)
        json.key("references")
        json.beginArray()
        if !span.parentSpanID.isZero { reference("CHILD_OF", span.traceID, span.parentSpanID) }
        for link in span.links {
            let isChild = link.attributes.first("opentracing.ref_type") == "child_of"
            reference(isChild ? "CHILD_OF" : "FOLLOWS_FROM", link.traceID, link.spanID)
        }
        json.endArray()
        json.key("startTime")
        json.uint(span.startTimeUnixNano / 1000)
        json.key("duration")
        json.uint((span.endTimeUnixNano - min(span.startTimeUnixNano, span.endTimeUnixNano)) / 1000)
        json.key("tags")
        tags(span, scope)
        json.key("logs")
        json.beginArray()
        for event in span.events { append(event) }
        json.endArray()
        json.key("processID")
        json.string("p\(process)")
        json.key("warnings")
        json.null()
        json.endObject()
    }

    private mutating func reference(_ type: String, _ trace: OTLP.TraceID, _ span: OTLP.SpanID) {
        json.beginObject()
        json.key("refType")
        json.string(type)
        json.key("traceID")
        json.string(Self.traceID(trace))
        json.key("spanID")
        json.string(span.description)
        json.endObject()
    }

    private mutating func append(_ event: OTLP.Event) {
        json.beginObject()
        json.key("timestamp")
        json.uint(event.timeUnixNano / 1000)
        json.key("fields")
        json.beginArray()
        if !event.name.isEmpty { tag("event", .string(event.name)) }
        for pair in event.attributes { tag(pair.key, pair.value) }
        json.endArray()
        json.endObject()
    }

    private mutating func append(process attributes: [OTLP.KeyValue]) {
        json.beginObject()
        json.key("serviceName")
        string(attributes.first("service.name")?.text ?? Self.noService)
        json.key("tags")
        json.beginArray()
        for pair in attributes where pair.key != "service.name" { tag(pair.key, pair.value) }
        json.endArray()
        json.endObject()
    }

    // MARK: Tags

    private mutating func tags(_ span: OTLP.Span, _ scope: OTLP.InstrumentationScope) {
        json.beginArray()
        if !scope.name.isEmpty { tag("otel.scope.name", .string(scope.name)) }
        if !scope.version.isEmpty { tag("otel.scope.version", .string(scope.version)) }
        for pair in span.attributes { tag(pair.key, pair.value) }
        switch span.kind {
        case 1: tag("span.kind", "internal")
        case 2: tag("span.kind", "server")
        case 3: tag("span.kind", "client")
        case 4: tag("span.kind", "producer")
        case 5: tag("span.kind", "consumer")
        default: break
        }
        switch span.status.code {
        case 1: tag("otel.status_code", "OK")
        case 2:
            tag("otel.status_code", "ERROR")
            tag("error", true)
        default: break
        }
        if !span.status.message.isEmpty { tag("otel.status_description", .string(span.status.message)) }
        if !span.traceState.isEmpty { tag("w3c.tracestate", .string(span.traceState)) }
        for (key, count) in [
            ("otel.dropped_attributes_count", span.droppedAttributesCount),
            ("otel.dropped_events_count", span.droppedEventsCount),
            ("otel.dropped_links_count", span.droppedLinksCount),
        ] where count > 0 { tag(ByteString(key), .int(Int64(count))) }
        json.endArray()
    }

    private mutating func tag(_ key: ByteString, _ value: OTLP.AnyValue) {
        json.beginObject()
        json.key("key")
        string(key)
        json.key("type")
        switch value {
        case .bool(let flag):
            json.string("bool")
            json.key("value")
            json.bool(flag)
        case .int(let number):
            json.string("int64")
            json.key("value")
            if Self.safeIntegers.contains(number) { json.int(number) } else { json.string(String(number)) }
        case .double(let number):
            json.string("float64")
            json.key("value")
            if number.isFinite { json.double(number) } else { string(value.text) }
        case .bytes:
            json.string("binary")
            json.key("value")
            string(value.text)
        case .empty, .string, .array, .map:
            json.string("string")
            json.key("value")
            string(value.text)
        }
        json.endObject()
    }

    private mutating func string(_ text: ByteString) {
        text.withBytes { json.string($0) }
    }

    /// 16 digits for an id of 64 bits, else 32.
    private static func traceID(_ id: OTLP.TraceID) -> String {
        id.high == 0 ? OTLP.SpanID(id.low).description : id.description
    }
}
