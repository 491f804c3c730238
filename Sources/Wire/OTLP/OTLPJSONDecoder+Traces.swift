import MartletCore

extension OTLPJSONDecoder {
    mutating func traces() throws(JSONError) -> OTLP.Traces {
        OTLP.Traces(
            resourceSpans: try list("resourceSpans") { (json) throws(JSONError) in
                let group = try json.resourceGroup("scopeSpans") { (json) throws(JSONError) in try json.scopeSpans() }
                return OTLP.ResourceSpans(
                    resource: group.resource, scopeSpans: group.scopes, schemaURL: group.schemaURL)
            })
    }

    private mutating func scopeSpans() throws(JSONError) -> OTLP.ScopeSpans {
        let group = try scopeGroup("spans") { (json) throws(JSONError) in try json.span() }
        return OTLP.ScopeSpans(scope: group.scope, spans: group.items, schemaURL: group.schemaURL)
    }

    private mutating func span() throws(JSONError) -> OTLP.Span {
        var span = OTLP.Span()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("traceId") {
                span.traceID = try json.traceID()
            } else if json.reader.isKey("spanId") {
                span.spanID = try json.spanID()
            } else if json.reader.isKey("traceState") {
                span.traceState = try json.text()
            } else if json.reader.isKey("parentSpanId") {
                span.parentSpanID = try json.spanID()
            } else if json.reader.isKey("name") {
                span.name = try json.text()
            } else if json.reader.isKey("kind") {
                span.kind = try json.enumeration(EnumNames.spanKind)
            } else if json.reader.isKey("startTimeUnixNano") {
                span.startTimeUnixNano = try json.uint64()
            } else if json.reader.isKey("endTimeUnixNano") {
                span.endTimeUnixNano = try json.uint64()
            } else if json.reader.isKey("attributes") {
                span.attributes = try json.attributes()
            } else if json.reader.isKey("droppedAttributesCount") {
                span.droppedAttributesCount = try json.uint32()
            } else if json.reader.isKey("events") {
                try json.array(into: &span.events) { (json) throws(JSONError) in try json.event() }
            } else if json.reader.isKey("droppedEventsCount") {
                span.droppedEventsCount = try json.uint32()
            } else if json.reader.isKey("links") {
                try json.array(into: &span.links) { (json) throws(JSONError) in try json.link() }
            } else if json.reader.isKey("droppedLinksCount") {
                span.droppedLinksCount = try json.uint32()
            } else if json.reader.isKey("status") {
                span.status = try json.status()
            } else if json.reader.isKey("flags") {
                span.flags = try json.uint32()
            } else {
                return false
            }
            return true
        }
        return span
    }

    private mutating func event() throws(JSONError) -> OTLP.Event {
        var event = OTLP.Event()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("timeUnixNano") {
                event.timeUnixNano = try json.uint64()
            } else if json.reader.isKey("name") {
                event.name = try json.text()
            } else if json.reader.isKey("attributes") {
                event.attributes = try json.attributes()
            } else if json.reader.isKey("droppedAttributesCount") {
                event.droppedAttributesCount = try json.uint32()
            } else {
                return false
            }
            return true
        }
        return event
    }

    private mutating func link() throws(JSONError) -> OTLP.Link {
        var link = OTLP.Link()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("traceId") {
                link.traceID = try json.traceID()
            } else if json.reader.isKey("spanId") {
                link.spanID = try json.spanID()
            } else if json.reader.isKey("traceState") {
                link.traceState = try json.text()
            } else if json.reader.isKey("attributes") {
                link.attributes = try json.attributes()
            } else if json.reader.isKey("droppedAttributesCount") {
                link.droppedAttributesCount = try json.uint32()
            } else if json.reader.isKey("flags") {
                link.flags = try json.uint32()
            } else {
                return false
            }
            return true
        }
        return link
    }

    private mutating func status() throws(JSONError) -> OTLP.Status {
        var status = OTLP.Status()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("message") {
                status.message = try json.text()
            } else if json.reader.isKey("code") {
                status.code = try json.enumeration(EnumNames.statusCode)
            } else {
                return false
            }
            return true
        }
        return status
    }
}
