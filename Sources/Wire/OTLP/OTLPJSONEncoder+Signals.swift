import MartletCore

extension OTLPJSONEncoder {
    /// A ResourceSpans object.
    package mutating func resourceSpans(_ item: OTLP.ResourceSpans) {
        group("scopeSpans", item.scopeSpans, schemaURL: item.schemaURL, of: { $0.resource(item.resource) }) {
            encoder, group in
            encoder.group("spans", group.spans, schemaURL: group.schemaURL, of: { $0.scope(group.scope) }) {
                $0.span($1)
            }
        }
    }

    /// A Span object.
    package mutating func span(_ span: OTLP.Span) {
        object { encoder in
            if !span.traceID.isZero { encoder.id("traceId", span.traceID.bytes) }
            if !span.spanID.isZero { encoder.id("spanId", span.spanID.bytes) }
            encoder.text("traceState", span.traceState)
            if !span.parentSpanID.isZero { encoder.id("parentSpanId", span.parentSpanID.bytes) }
            encoder.number("flags", span.flags)
            encoder.text("name", span.name)
            encoder.enumeration("kind", span.kind, EnumNames.spanKind)
            encoder.quoted("startTimeUnixNano", span.startTimeUnixNano)
            encoder.quoted("endTimeUnixNano", span.endTimeUnixNano)
            encoder.attributes("attributes", span.attributes)
            encoder.number("droppedAttributesCount", span.droppedAttributesCount)
            encoder.list("events", span.events) { encoder, event in
                encoder.object { encoder in
                    encoder.quoted("timeUnixNano", event.timeUnixNano)
                    encoder.text("name", event.name)
                    encoder.attributes("attributes", event.attributes)
                    encoder.number("droppedAttributesCount", event.droppedAttributesCount)
                }
            }
            encoder.number("droppedEventsCount", span.droppedEventsCount)
            encoder.list("links", span.links) { $0.link($1) }
            encoder.number("droppedLinksCount", span.droppedLinksCount)
            encoder.json.key("status")
            encoder.object { encoder in
                encoder.text("message", span.status.message)
                encoder.enumeration("code", span.status.code, EnumNames.statusCode)
            }
        }
    }

    private mutating func link(_ link: OTLP.Link) {
        object { encoder in
            if !link.traceID.isZero { encoder.id("traceId", link.traceID.bytes) }
            if !link.spanID.isZero { encoder.id("spanId", link.spanID.bytes) }
            encoder.text("traceState", link.traceState)
            encoder.attributes("attributes", link.attributes)
            encoder.number("droppedAttributesCount", link.droppedAttributesCount)
            encoder.number("flags", link.flags)
        }
    }

    /// A ResourceLogs object.
    package mutating func resourceLogs(_ item: OTLP.ResourceLogs) {
        group("scopeLogs", item.scopeLogs, schemaURL: item.schemaURL, of: { $0.resource(item.resource) }) {
            encoder, group in
            encoder.group("logRecords", group.logRecords, schemaURL: group.schemaURL, of: { $0.scope(group.scope) }) {
                $0.logRecord($1)
            }
        }
    }

    private mutating func logRecord(_ record: OTLP.LogRecord) {
        object { encoder in
            encoder.quoted("timeUnixNano", record.timeUnixNano)
            encoder.quoted("observedTimeUnixNano", record.observedTimeUnixNano)
            encoder.enumeration("severityNumber", record.severityNumber, EnumNames.severity)
            encoder.text("severityText", record.severityText)
            if record.body != .empty {
                encoder.json.key("body")
                encoder.value(record.body)
            }
            encoder.attributes("attributes", record.attributes)
            encoder.number("droppedAttributesCount", record.droppedAttributesCount)
            encoder.number("flags", record.flags)
            if !record.traceID.isZero { encoder.id("traceId", record.traceID.bytes) }
            if !record.spanID.isZero { encoder.id("spanId", record.spanID.bytes) }
            encoder.text("eventName", record.eventName)
        }
    }
}
