/// Jaeger's spans as OTLP. Spans with a process of their own belong to its resource, the others to the batch's.
enum JaegerTranslation {
    private static let noService: ByteString = "OTLPResourceNoServiceName"
    private static let httpMessage: ByteString = "http.status_message"
    private static let httpCode: ByteString = "http.status_code"

    static func traces(_ batches: [Jaeger.Batch]) -> OTLP.Traces {
        var groups = SpanGroups()
        for batch in batches {
            let shared = resource(batch.process)
            for span in batch.spans {
                var tags = AttributeMap(span.tags)
                let scope = SpanTags.takeScope(&tags)
                groups.add(
                    translated(span, &tags), resource: span.process.map(resource) ?? shared, scope: scope.name,
                    scope.version)
            }
        }
        return groups.traces
    }

    private static func resource(_ process: Jaeger.Process?) -> [OTLP.KeyValue] {
        guard let process, process.serviceName != noService else { return [] }
        var attributes = AttributeMap()
        if !process.serviceName.isEmpty { attributes.put(SpanTags.serviceName, .string(process.serviceName)) }
        for tag in process.tags { attributes.put(tag.key, tag.value) }
        if attributes["host.name"] == nil, let name = attributes.take("hostname") { attributes.put("host.name", name) }
        let exporter: ByteString = "opencensus.exporterversion"
        if attributes[exporter] == nil, let version = attributes.take("jaeger.version") {
            attributes.put(exporter, .string(ByteString("Jaeger-\(version.text)")))
        }
        return attributes.list
    }

    private static func translated(_ source: Jaeger.Span, _ tags: inout AttributeMap) -> OTLP.Span {
        let parent = parent(of: source)
        var span = OTLP.Span(
            traceID: source.traceID, spanID: source.id, traceState: tags.takeText(SpanTags.traceState) ?? ByteString(),
            parentSpanID: parent, name: source.operationName, startTimeUnixNano: source.start,
            endTimeUnixNano: source.end, flags: source.flags & 1)
        if let kind = tags.takeText(SpanTags.kind) { span.kind = SpanTags.kind(named: kind) }
        SpanTags.takeDropped(&tags, into: &span)
        span.status = status(&tags, kind: span.kind)
        span.attributes = tags.list
        span.events = source.logs.map(event)
        span.links = links(source.references, parent)
        return span
    }

    /// The parent that Thrift names, else the first child-of reference into the same trace, else the first follows-from one.
    private static func parent(of span: Jaeger.Span) -> OTLP.SpanID {
        if !span.parentID.isZero { return span.parentID }
        let local = span.references.filter { $0.traceID == span.traceID }
        return (local.first { $0.type == 0 } ?? local.first { $0.type == 1 })?.spanID ?? OTLP.SpanID()
    }

    private static func links(_ references: [Jaeger.Reference], _ parent: OTLP.SpanID) -> [OTLP.Link] {
        references.filter { $0.spanID != parent || $0.type != 0 }.map { reference in
            OTLP.Link(
                traceID: reference.traceID, spanID: reference.spanID,
                attributes: [
                    OTLP.KeyValue(key: "opentracing.ref_type", value: reference.type == 0 ? "child_of" : "follows_from")
                ])
        }
    }

    private static func event(_ log: Jaeger.Log) -> OTLP.Event {
        var fields = AttributeMap(log.fields)
        let name = fields.takeText("event") ?? ByteString()
        let dropped = SpanTags.takeDroppedAttributes(&fields)
        return OTLP.Event(
            timeUnixNano: log.time, name: name, attributes: fields.list, droppedAttributesCount: dropped)
    }

    // MARK: Status

    /// `error` rules, then the status that OpenTelemetry has set, then what HTTP's status code means.
    private static func status(_ tags: inout AttributeMap, kind: Int32) -> OTLP.Status {
        if tags[SpanTags.error] == .bool(true) || tags[SpanTags.error] == .string("true") {
            _ = tags.take(SpanTags.error)
            _ = tags.take(SpanTags.statusCode)
            let message = tags.takeText(SpanTags.statusDescription) ?? tags.text(httpMessage)
            return OTLP.Status(message: message ?? ByteString(), code: 2)
        }
        if let code = tags.takeText(SpanTags.statusCode) {
            return OTLP.Status(
                message: tags.takeText(SpanTags.statusDescription) ?? ByteString(), code: SpanTags.status(named: code))
        }
        if let code = httpStatus(tags), isFailure(code, kind: kind) {
            return OTLP.Status(message: tags.text(httpMessage) ?? ByteString(), code: 2)
        }
        return OTLP.Status()
    }

    private static func httpStatus(_ tags: AttributeMap) -> Int64? {
        switch tags[httpCode] {
        case .int(let code): code
        case .string(let text): Int64(text.string)
        default: nil
        }
    }

    /// What a server answers with 4xx is the client's fault (OpenTelemetry semantic conventions, "HTTP spans", "Status").
    private static func isFailure(_ code: Int64, kind: Int32) -> Bool {
        switch code {
        case 100..<400: false
        case 400..<500: kind != 2
        default: true
        }
    }
}
