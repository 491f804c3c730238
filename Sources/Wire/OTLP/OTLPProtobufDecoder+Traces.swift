extension OTLPProtobufDecoder {
    mutating func traces() throws(WireError) -> OTLP.Traces {
        var traces = OTLP.Traces()
        try eachResource { (decoder, cursor) throws(WireError) in
            try decoder.charge(OTLP.ResourceSpans.self)
            var item = OTLP.ResourceSpans()
            while try cursor.next() {
                switch cursor.field {
                case 1:
                    var message = try cursor.message()
                    try decoder.resource(&message, into: &item.resource)
                case 2: item.scopeSpans.append(try decoder.scopeSpans(&cursor))
                case 3: item.schemaURL = try decoder.text(&cursor)
                default: try cursor.skip()
                }
            }
            traces.resourceSpans.append(item)
        }
        return traces
    }

    private mutating func scopeSpans(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.ScopeSpans {
        try charge(OTLP.ScopeSpans.self)
        var message = try cursor.message()
        var item = OTLP.ScopeSpans()
        while try message.next() {
            switch message.field {
            case 1:
                var scopeMessage = try message.message()
                try scope(&scopeMessage, into: &item.scope)
            case 2: item.spans.append(try span(&message))
            case 3: item.schemaURL = try text(&message)
            default: try message.skip()
            }
        }
        return item
    }

    private mutating func span(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.Span {
        try charge(OTLP.Span.self)
        var message = try cursor.message()
        var span = OTLP.Span()
        while try message.next() {
            switch message.field {
            case 1: span.traceID = try traceID(&message)
            case 2: span.spanID = try spanID(&message)
            case 3: span.traceState = try text(&message)
            case 4: span.parentSpanID = try spanID(&message)
            case 5: span.name = try text(&message)
            case 6: span.kind = try message.int32()
            case 7: span.startTimeUnixNano = try message.fixed64()
            case 8: span.endTimeUnixNano = try message.fixed64()
            case 9: try attribute(&message, into: &span.attributes)
            case 10: span.droppedAttributesCount = try message.uint32()
            case 11: span.events.append(try event(&message))
            case 12: span.droppedEventsCount = try message.uint32()
            case 13: span.links.append(try link(&message))
            case 14: span.droppedLinksCount = try message.uint32()
            case 15: try status(&message, into: &span.status)
            case 16: span.flags = try message.fixed32()
            default: try message.skip()
            }
        }
        return span
    }

    private mutating func event(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.Event {
        try charge(OTLP.Event.self)
        var message = try cursor.message()
        var event = OTLP.Event()
        while try message.next() {
            switch message.field {
            case 1: event.timeUnixNano = try message.fixed64()
            case 2: event.name = try text(&message)
            case 3: try attribute(&message, into: &event.attributes)
            case 4: event.droppedAttributesCount = try message.uint32()
            default: try message.skip()
            }
        }
        return event
    }

    private mutating func link(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.Link {
        try charge(OTLP.Link.self)
        var message = try cursor.message()
        var link = OTLP.Link()
        while try message.next() {
            switch message.field {
            case 1: link.traceID = try traceID(&message)
            case 2: link.spanID = try spanID(&message)
            case 3: link.traceState = try text(&message)
            case 4: try attribute(&message, into: &link.attributes)
            case 5: link.droppedAttributesCount = try message.uint32()
            case 6: link.flags = try message.fixed32()
            default: try message.skip()
            }
        }
        return link
    }

    private mutating func status(_ cursor: inout ProtoCursor, into status: inout OTLP.Status) throws(WireError) {
        var message = try cursor.message()
        while try message.next() {
            switch message.field {
            case 2: status.message = try text(&message)
            case 3: status.code = try message.int32()
            default: try message.skip()
            }
        }
    }
}
