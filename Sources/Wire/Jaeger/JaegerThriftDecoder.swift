import MartletCore

/// Decodes Jaeger's Batch from Thrift's binary protocol. Text stays a slice of the body and must be UTF-8.
struct JaegerThriftDecoder {
    private let body: [UInt8]
    private let buffer: UnsafeRawBufferPointer
    private let limits: DecodeLimits
    /// Bytes of structures that may still be made.
    private var memory: Int
    private var cursor: ThriftCursor

    /// The batch in `body`.
    static func batch(_ body: [UInt8], _ limits: DecodeLimits) throws(WireError) -> Jaeger.Batch {
        guard body.count <= Int(Int32.max) else {
            throw .tooLarge(limit: Int(Int32.max), what: "body of \(body.count) bytes")
        }
        return try body.withUnsafeBufferPointer { (bytes: UnsafeBufferPointer<UInt8>) throws(WireError) in
            var decoder = JaegerThriftDecoder(body, UnsafeRawBufferPointer(bytes), limits)
            let batch = try decoder.batch()
            try decoder.cursor.end()
            return batch
        }
    }

    private init(_ body: [UInt8], _ buffer: UnsafeRawBufferPointer, _ limits: DecodeLimits) {
        self.body = body
        self.buffer = buffer
        self.limits = limits
        memory = limits.memory
        cursor = ThriftCursor(buffer, depthLimit: limits.depth)
    }

    // MARK: Structures

    private mutating func batch() throws(WireError) -> Jaeger.Batch {
        var batch = Jaeger.Batch()
        while try cursor.next() {
            switch cursor.field {
            case 1: batch.process = try process()
            case 2: try list(into: &batch.spans) { (decoder) throws(WireError) in try decoder.span() }
            default: try cursor.skip()
            }
        }
        return batch
    }

    private mutating func process() throws(WireError) -> Jaeger.Process {
        try cursor.structure()
        var process = Jaeger.Process()
        while try cursor.next() {
            switch cursor.field {
            case 1: process.serviceName = try text()
            case 2: try list(into: &process.tags) { (decoder) throws(WireError) in try decoder.tag() }
            default: try cursor.skip()
            }
        }
        return process
    }

    private mutating func span() throws(WireError) -> Jaeger.Span {
        var span = Jaeger.Span()
        var start: Int64 = 0
        var duration: Int64 = 0
        while try cursor.next() {
            switch cursor.field {
            case 1: span.traceID.low = try word()
            case 2: span.traceID.high = try word()
            case 3: span.id.value = try word()
            case 4: span.parentID.value = try word()
            case 5: span.operationName = try text()
            case 6: try list(into: &span.references) { (decoder) throws(WireError) in try decoder.reference() }
            case 7: span.flags = UInt32(bitPattern: try cursor.int32())
            case 8: start = try cursor.int64()
            case 9: duration = try cursor.int64()
            case 10: try list(into: &span.tags) { (decoder) throws(WireError) in try decoder.tag() }
            case 11: try list(into: &span.logs) { (decoder) throws(WireError) in try decoder.log() }
            default: try cursor.skip()
            }
        }
        span.start = SpanTime.nanoseconds(microseconds: start)
        span.end = SpanTime.nanoseconds(microseconds: start, and: duration)
        return span
    }

    private mutating func reference() throws(WireError) -> Jaeger.Reference {
        var reference = Jaeger.Reference()
        while try cursor.next() {
            switch cursor.field {
            case 1: reference.type = try cursor.int32()
            case 2: reference.traceID.low = try word()
            case 3: reference.traceID.high = try word()
            case 4: reference.spanID.value = try word()
            default: try cursor.skip()
            }
        }
        return reference
    }

    private mutating func log() throws(WireError) -> Jaeger.Log {
        var log = Jaeger.Log()
        while try cursor.next() {
            switch cursor.field {
            case 1: log.time = SpanTime.nanoseconds(microseconds: try cursor.int64())
            case 2: try list(into: &log.fields) { (decoder) throws(WireError) in try decoder.tag() }
            default: try cursor.skip()
            }
        }
        return log
    }

    private mutating func tag() throws(WireError) -> OTLP.KeyValue {
        var tag = Jaeger.Tag()
        var type: Int32 = 0
        while try cursor.next() {
            switch cursor.field {
            case 1: tag.key = try text()
            case 2: type = try cursor.int32()
            case 3: tag.text = try text()
            case 4: tag.double = try cursor.double()
            case 5: tag.flag = try cursor.bool()
            case 6: tag.integer = try cursor.int64()
            case 7: tag.binary = ByteString(body, try cursor.string())
            default: try cursor.skip()
            }
        }
        return tag.attribute(Self.kind(type), number: type)
    }

    private static func kind(_ type: Int32) -> Jaeger.Tag.Kind? {
        switch type {
        case 0: .string
        case 1: .double
        case 2: .bool
        case 3: .int
        case 4: .binary
        default: nil
        }
    }

    // MARK: Values

    /// Appends the structures of a list.
    private mutating func list<Element>(
        into elements: inout [Element], _ element: (inout JaegerThriftDecoder) throws(WireError) -> Element
    ) throws(WireError) {
        for _ in 0..<(try cursor.structures()) {
            memory -= MemoryLayout<Element>.stride
            if memory < 0 { throw .tooLarge(limit: limits.memory, what: "decoded request in bytes") }
            elements.append(try element(&self))
        }
    }

    private mutating func word() throws(WireError) -> UInt64 {
        UInt64(bitPattern: try cursor.int64())
    }

    private mutating func text() throws(WireError) -> ByteString {
        let bounds = try cursor.string()
        guard Bytes.isValidUTF8(UnsafeRawBufferPointer(rebasing: buffer[bounds])) else {
            throw .malformed(offset: bounds.lowerBound, what: "string is not valid UTF-8")
        }
        return ByteString(body, bounds)
    }
}
