import Glibc

extension OTLPProtobufDecoder {
    /// Zipkin's ListOfSpans.
    mutating func zipkinSpans() throws(WireError) -> [Zipkin.Span] {
        var spans: [Zipkin.Span] = []
        try eachResource { (decoder, message) throws(WireError) in
            try decoder.charge(Zipkin.Span.self)
            spans.append(try decoder.zipkinSpan(&message))
        }
        return spans
    }

    private mutating func zipkinSpan(_ message: inout ProtoCursor) throws(WireError) -> Zipkin.Span {
        var span = Zipkin.Span()
        while try message.next() {
            switch message.field {
            case 1: span.traceID = try traceIDOfAnySize(&message)
            case 2: span.parentID = try spanID(&message)
            case 3: span.id = try spanID(&message)
            case 4: span.kind = Self.kind(try message.int32())
            case 5: span.name = try text(&message)
            case 6: span.timestamp = Int64(clamping: try message.fixed64())
            case 7: span.duration = Int64(clamping: try message.uint64())
            case 8: try zipkinEndpoint(&message, into: &span.local)
            case 9: try zipkinEndpoint(&message, into: &span.remote)
            case 10: span.annotations.append(try zipkinAnnotation(&message))
            case 11: span.tags.append(try zipkinTag(&message))
            case 12: span.isDebug = try message.bool()
            default: try message.skip()
            }
        }
        return span
    }

    private static func kind(_ number: Int32) -> Int32 {
        switch number {
        case 1: 3
        case 2: 2
        case 3: 4
        case 4: 5
        default: 0
        }
    }

    private func zipkinEndpoint(
        _ cursor: inout ProtoCursor, into endpoint: inout Zipkin.Endpoint
    ) throws(WireError) {
        var message = try cursor.message()
        while try message.next() {
            switch message.field {
            case 1: endpoint.serviceName = try text(&message)
            case 2: endpoint.ipv4 = try address(&message, bytes: 4)
            case 3: endpoint.ipv6 = try address(&message, bytes: 16)
            case 4: endpoint.port = try message.int32()
            default: try message.skip()
            }
        }
    }

    private mutating func zipkinAnnotation(_ cursor: inout ProtoCursor) throws(WireError) -> Zipkin.Annotation {
        try charge(Zipkin.Annotation.self)
        var message = try cursor.message()
        var annotation = Zipkin.Annotation()
        while try message.next() {
            switch message.field {
            case 1: annotation.timestamp = Int64(clamping: try message.fixed64())
            case 2: annotation.value = try text(&message)
            default: try message.skip()
            }
        }
        return annotation
    }

    /// An entry of the map of tags.
    private mutating func zipkinTag(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.KeyValue {
        try charge(OTLP.KeyValue.self)
        var message = try cursor.message()
        var tag = OTLP.KeyValue(value: .string(ByteString()))
        while try message.next() {
            switch message.field {
            case 1: tag.key = try text(&message)
            case 2: tag.value = .string(try text(&message))
            default: try message.skip()
            }
        }
        return tag
    }

    /// An IP address of so many bytes, as text; no bytes are no address.
    private func address(_ cursor: inout ProtoCursor, bytes count: Int) throws(WireError) -> ByteString {
        let start = cursor.offset
        let bounds = try cursor.delimited()
        if bounds.isEmpty { return ByteString() }
        guard bounds.count == count else {
            throw .malformed(offset: start, what: "address of \(bounds.count) bytes, not \(count),")
        }
        let length = Int(INET6_ADDRSTRLEN)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: length) { text in
            let family = count == 4 ? AF_INET : AF_INET6
            let source = UnsafeRawBufferPointer(rebasing: cursor.bytes[bounds]).baseAddress
            guard let base = text.baseAddress, inet_ntop(family, source, base, socklen_t(length)) != nil else {
                return ByteString()
            }
            return ByteString(String(cString: base))
        }
    }
}
