import MartletCore

extension OTLPJSONDecoder {
    /// Zipkin's list of spans.
    mutating func zipkinSpans() throws(JSONError) -> [Zipkin.Span] {
        var spans: [Zipkin.Span] = []
        try array(into: &spans) { (json) throws(JSONError) in try json.zipkinSpan() }
        return spans
    }

    private mutating func zipkinSpan() throws(JSONError) -> Zipkin.Span {
        var span = Zipkin.Span()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("traceId") {
                span.traceID = try json.zipkinTraceID()
            } else if json.reader.isKey("id") {
                span.id = try json.zipkinSpanID()
            } else if json.reader.isKey("parentId") {
                span.parentID = try json.zipkinSpanID()
            } else if json.reader.isKey("kind") {
                span.kind = SpanTags.kind(named: try json.text())
            } else if json.reader.isKey("name") {
                span.name = try json.text()
            } else if json.reader.isKey("timestamp") {
                span.timestamp = try json.int64()
            } else if json.reader.isKey("duration") {
                span.duration = try json.int64()
            } else if json.reader.isKey("localEndpoint") {
                span.local = try json.zipkinEndpoint()
            } else if json.reader.isKey("remoteEndpoint") {
                span.remote = try json.zipkinEndpoint()
            } else if json.reader.isKey("annotations") {
                try json.array(into: &span.annotations) { (json) throws(JSONError) in try json.zipkinAnnotation() }
            } else if json.reader.isKey("tags") {
                try json.object { (json) throws(JSONError) in
                    try json.charge(OTLP.KeyValue.self)
                    let key = try json.name()
                    span.tags.append(OTLP.KeyValue(key: key, value: .string(try json.zipkinTag())))
                    return true
                }
            } else if json.reader.isKey("debug") {
                span.isDebug = try json.reader.bool()
            } else {
                return false
            }
            return true
        }
        return span
    }

    private mutating func zipkinEndpoint() throws(JSONError) -> Zipkin.Endpoint {
        var endpoint = Zipkin.Endpoint()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("serviceName") {
                endpoint.serviceName = try json.text()
            } else if json.reader.isKey("ipv4") {
                endpoint.ipv4 = try json.text()
            } else if json.reader.isKey("ipv6") {
                endpoint.ipv6 = try json.text()
            } else if json.reader.isKey("port") {
                endpoint.port = try json.int32()
            } else {
                return false
            }
            return true
        }
        return endpoint
    }

    private mutating func zipkinAnnotation() throws(JSONError) -> Zipkin.Annotation {
        var annotation = Zipkin.Annotation()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("timestamp") {
                annotation.timestamp = try json.int64()
            } else if json.reader.isKey("value") {
                annotation.value = try json.text()
            } else {
                return false
            }
            return true
        }
        return annotation
    }

    /// Tags are text; senders that write numbers and truth values without quotes mean their text.
    private mutating func zipkinTag() throws(JSONError) -> ByteString {
        switch try reader.peek() {
        case .string: return try text()
        case .number, .bool: return ByteString(copying: try reader.skipValue())
        case .object, .array, .null: throw reader.fail("the value of a tag must be a string")
        }
    }

    /// 16 or 32 digits in the format's description, fewer from senders that leave leading zeros out.
    private mutating func zipkinTraceID() throws(JSONError) -> OTLP.TraceID {
        let (raw, _) = try reader.rawString()
        if raw.isEmpty { return OTLP.TraceID() }
        guard let id = OTLP.TraceID(hex: raw) else { throw reader.fail("trace id is not 1 to 32 hex digits") }
        return id
    }

    private mutating func zipkinSpanID() throws(JSONError) -> OTLP.SpanID {
        let (raw, _) = try reader.rawString()
        if raw.isEmpty { return OTLP.SpanID() }
        guard let id = OTLP.SpanID(hex: raw) else { throw reader.fail("span id is not 1 to 16 hex digits") }
        return id
    }
}
