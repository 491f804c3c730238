/// Writes OTLP messages as protobuf; fields at their default are left out, except where the schema has presence.
extension ProtoWriter {
    mutating func text(_ field: UInt32, _ value: ByteString) {
        if !value.isEmpty { bytes(field, value) }
    }

    mutating func number(_ field: UInt32, _ value: UInt32) {
        if value != 0 { uint64(field, UInt64(value)) }
    }

    mutating func time(_ field: UInt32, _ value: UInt64) {
        if value != 0 { fixed64(field, value) }
    }

    mutating func traceID(_ field: UInt32, _ id: OTLP.TraceID) {
        if !id.isZero { bytes(field, id.bytes) }
    }

    mutating func spanID(_ field: UInt32, _ id: OTLP.SpanID) {
        if !id.isZero { bytes(field, id.bytes) }
    }

    mutating func attributes(_ field: UInt32, _ attributes: [OTLP.KeyValue]) {
        for pair in attributes {
            message(field) { writer in
                writer.text(1, pair.key)
                if pair.value != .empty { writer.value(2, pair.value) }
            }
        }
    }

    /// Values are nested at most as deep as a decoder made them: recursion is bounded by `DecodeLimits.depth`.
    mutating func value(_ field: UInt32, _ value: OTLP.AnyValue) {
        message(field) { writer in
            switch value {
            case .empty: break
            case .string(let text): writer.bytes(1, text)
            case .bool(let flag): writer.bool(2, flag)
            case .int(let number): writer.int64(3, number)
            case .double(let number): writer.double(4, number)
            case .array(let values):
                writer.message(5) { list in
                    for element in values { list.value(1, element) }
                }
            case .map(let pairs): writer.message(6) { $0.attributes(1, pairs) }
            case .bytes(let bytes): writer.bytes(7, bytes)
            }
        }
    }

    mutating func resource(_ field: UInt32, _ resource: OTLP.Resource) {
        message(field) { writer in
            writer.attributes(1, resource.attributes)
            writer.number(2, resource.droppedAttributesCount)
        }
    }

    mutating func scope(_ field: UInt32, _ scope: OTLP.InstrumentationScope) {
        message(field) { writer in
            writer.text(1, scope.name)
            writer.text(2, scope.version)
            writer.attributes(3, scope.attributes)
            writer.number(4, scope.droppedAttributesCount)
        }
    }

    // MARK: Traces

    mutating func resourceSpans(_ field: UInt32, _ item: OTLP.ResourceSpans) {
        message(field) { writer in
            writer.resource(1, item.resource)
            for scope in item.scopeSpans {
                writer.message(2) { writer in
                    writer.scope(1, scope.scope)
                    for span in scope.spans { writer.span(2, span) }
                    writer.text(3, scope.schemaURL)
                }
            }
            writer.text(3, item.schemaURL)
        }
    }

    mutating func span(_ field: UInt32, _ span: OTLP.Span) {
        message(field) { writer in
            writer.traceID(1, span.traceID)
            writer.spanID(2, span.spanID)
            writer.text(3, span.traceState)
            writer.spanID(4, span.parentSpanID)
            writer.text(5, span.name)
            if span.kind != 0 { writer.int64(6, Int64(span.kind)) }
            writer.time(7, span.startTimeUnixNano)
            writer.time(8, span.endTimeUnixNano)
            writer.attributes(9, span.attributes)
            writer.number(10, span.droppedAttributesCount)
            for event in span.events { writer.event(11, event) }
            writer.number(12, span.droppedEventsCount)
            for link in span.links { writer.link(13, link) }
            writer.number(14, span.droppedLinksCount)
            if span.status != OTLP.Status() {
                writer.message(15) { writer in
                    writer.text(2, span.status.message)
                    if span.status.code != 0 { writer.int64(3, Int64(span.status.code)) }
                }
            }
            if span.flags != 0 { writer.fixed32(16, span.flags) }
        }
    }

    private mutating func event(_ field: UInt32, _ event: OTLP.Event) {
        message(field) { writer in
            writer.time(1, event.timeUnixNano)
            writer.text(2, event.name)
            writer.attributes(3, event.attributes)
            writer.number(4, event.droppedAttributesCount)
        }
    }

    private mutating func link(_ field: UInt32, _ link: OTLP.Link) {
        message(field) { writer in
            writer.traceID(1, link.traceID)
            writer.spanID(2, link.spanID)
            writer.text(3, link.traceState)
            writer.attributes(4, link.attributes)
            writer.number(5, link.droppedAttributesCount)
            if link.flags != 0 { writer.fixed32(6, link.flags) }
        }
    }

    // MARK: Logs

    mutating func resourceLogs(_ field: UInt32, _ item: OTLP.ResourceLogs) {
        message(field) { writer in
            writer.resource(1, item.resource)
            for scope in item.scopeLogs {
                writer.message(2) { writer in
                    writer.scope(1, scope.scope)
                    for record in scope.logRecords { writer.logRecord(2, record) }
                    writer.text(3, scope.schemaURL)
                }
            }
            writer.text(3, item.schemaURL)
        }
    }

    private mutating func logRecord(_ field: UInt32, _ record: OTLP.LogRecord) {
        message(field) { writer in
            writer.time(1, record.timeUnixNano)
            if record.severityNumber != 0 { writer.int64(2, Int64(record.severityNumber)) }
            writer.text(3, record.severityText)
            if record.body != .empty { writer.value(5, record.body) }
            writer.attributes(6, record.attributes)
            writer.number(7, record.droppedAttributesCount)
            if record.flags != 0 { writer.fixed32(8, record.flags) }
            writer.traceID(9, record.traceID)
            writer.spanID(10, record.spanID)
            writer.time(11, record.observedTimeUnixNano)
            writer.text(12, record.eventName)
        }
    }
}
