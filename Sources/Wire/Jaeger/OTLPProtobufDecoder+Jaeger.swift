extension OTLPProtobufDecoder {
    /// The batch of Jaeger's PostSpansRequest; a field that occurs twice is two batches.
    mutating func jaegerBatches() throws(WireError) -> [Jaeger.Batch] {
        var batches: [Jaeger.Batch] = []
        try eachResource { (decoder, message) throws(WireError) in
            try decoder.charge(Jaeger.Batch.self)
            var batch = Jaeger.Batch()
            while try message.next() {
                switch message.field {
                case 1: batch.spans.append(try decoder.jaegerSpan(&message))
                case 2: try decoder.jaegerProcess(&message, into: &batch.process)
                default: try message.skip()
                }
            }
            batches.append(batch)
        }
        return batches
    }

    private mutating func jaegerProcess(
        _ cursor: inout ProtoCursor, into known: inout Jaeger.Process?
    ) throws(WireError) {
        var process = known ?? Jaeger.Process()
        var message = try cursor.message()
        while try message.next() {
            switch message.field {
            case 1: process.serviceName = try text(&message)
            case 2: process.tags.append(try jaegerTag(&message))
            default: try message.skip()
            }
        }
        known = process
    }

    private mutating func jaegerSpan(_ cursor: inout ProtoCursor) throws(WireError) -> Jaeger.Span {
        try charge(Jaeger.Span.self)
        var span = Jaeger.Span()
        var start: Int128 = 0
        var duration: Int128 = 0
        var message = try cursor.message()
        while try message.next() {
            switch message.field {
            case 1: span.traceID = try traceIDOfAnySize(&message)
            case 2: span.id = try spanID(&message)
            case 3: span.operationName = try text(&message)
            case 4: span.references.append(try jaegerReference(&message))
            case 5: span.flags = try message.uint32()
            case 6: start = try nanoseconds(&message)
            case 7: duration = try nanoseconds(&message)
            case 8: span.tags.append(try jaegerTag(&message))
            case 9: span.logs.append(try jaegerLog(&message))
            case 10: try jaegerProcess(&message, into: &span.process)
            default: try message.skip()
            }
        }
        span.start = SpanTime.clamped(start)
        span.end = SpanTime.clamped(start + duration)
        return span
    }

    private mutating func jaegerReference(_ cursor: inout ProtoCursor) throws(WireError) -> Jaeger.Reference {
        try charge(Jaeger.Reference.self)
        var reference = Jaeger.Reference()
        var message = try cursor.message()
        while try message.next() {
            switch message.field {
            case 1: reference.traceID = try traceIDOfAnySize(&message)
            case 2: reference.spanID = try spanID(&message)
            case 3: reference.type = try message.int32()
            default: try message.skip()
            }
        }
        return reference
    }

    private mutating func jaegerLog(_ cursor: inout ProtoCursor) throws(WireError) -> Jaeger.Log {
        try charge(Jaeger.Log.self)
        var log = Jaeger.Log()
        var message = try cursor.message()
        while try message.next() {
            switch message.field {
            case 1: log.time = SpanTime.clamped(try nanoseconds(&message))
            case 2: log.fields.append(try jaegerTag(&message))
            default: try message.skip()
            }
        }
        return log
    }

    private mutating func jaegerTag(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.KeyValue {
        try charge(OTLP.KeyValue.self)
        var tag = Jaeger.Tag()
        var type: Int32 = 0
        var message = try cursor.message()
        while try message.next() {
            switch message.field {
            case 1: tag.key = try text(&message)
            case 2: type = try message.int32()
            case 3: tag.text = try text(&message)
            case 4: tag.flag = try message.bool()
            case 5: tag.integer = try message.int64()
            case 6: tag.double = try message.double()
            case 7: tag.binary = try bytes(&message)
            default: try message.skip()
            }
        }
        return tag.attribute(Self.kind(type), number: type)
    }

    private static func kind(_ type: Int32) -> Jaeger.Tag.Kind? {
        switch type {
        case 0: .string
        case 1: .bool
        case 2: .int
        case 3: .double
        case 4: .binary
        default: nil
        }
    }

    /// protobuf's Timestamp or Duration.
    private func nanoseconds(_ cursor: inout ProtoCursor) throws(WireError) -> Int128 {
        var message = try cursor.message()
        var seconds: Int64 = 0
        var nanos: Int32 = 0
        while try message.next() {
            switch message.field {
            case 1: seconds = try message.int64()
            case 2: nanos = try message.int32()
            default: try message.skip()
            }
        }
        return SpanTime.nanoseconds(seconds: seconds, nanos: nanos)
    }
}
