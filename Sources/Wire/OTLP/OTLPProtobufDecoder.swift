/// Decodes OTLP messages from protobuf. Fields of a message that occurs twice are merged as protobuf prescribes: repeated
/// fields add up, the last scalar wins. Unknown fields are passed over. Zipkin's and Jaeger's messages are read with it too.
struct OTLPProtobufDecoder {
    private let body: [UInt8]
    private let limits: DecodeLimits
    /// Bytes of structures that may still be made.
    private var memory: Int

    init(_ body: [UInt8], _ limits: DecodeLimits) throws(WireError) {
        guard body.count <= Int(Int32.max) else {
            throw .tooLarge(limit: Int(Int32.max), what: "body of \(body.count) bytes")
        }
        self.body = body
        self.limits = limits
        memory = limits.memory
    }

    /// Runs `decode` for each sub-message in field 1 of the body, the shape of every export request.
    mutating func eachResource(
        _ decode: (inout OTLPProtobufDecoder, inout ProtoCursor) throws(WireError) -> Void
    ) throws(WireError) {
        let body = body
        try body.withUnsafeBufferPointer { (bytes: UnsafeBufferPointer<UInt8>) throws(WireError) in
            var cursor = ProtoCursor(UnsafeRawBufferPointer(bytes))
            while try cursor.next() {
                guard cursor.field == 1 else {
                    try cursor.skip()
                    continue
                }
                var message = try cursor.message()
                try decode(&self, &message)
            }
        }
    }

    /// Charges one element of `type` to the memory budget before it is appended.
    mutating func charge<T>(_ type: T.Type) throws(WireError) {
        memory -= MemoryLayout<T>.stride
        if memory < 0 { throw .tooLarge(limit: limits.memory, what: "decoded request in bytes") }
    }

    /// Charges the elements that `values` gained since it had `before`.
    mutating func chargeGrowth<T>(of values: [T], from before: Int) throws(WireError) {
        memory -= (values.count - before) * MemoryLayout<T>.stride
        if memory < 0 { throw .tooLarge(limit: limits.memory, what: "decoded request in bytes") }
    }

    func text(_ cursor: inout ProtoCursor) throws(WireError) -> ByteString {
        ByteString(body, try cursor.string())
    }

    func bytes(_ cursor: inout ProtoCursor) throws(WireError) -> ByteString {
        ByteString(body, try cursor.delimited())
    }

    func traceID(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.TraceID {
        let start = cursor.offset
        let bounds = try cursor.delimited()
        guard let id = OTLP.TraceID(bytes: UnsafeRawBufferPointer(rebasing: cursor.bytes[bounds])) else {
            throw .malformed(offset: start, what: "trace id of \(bounds.count) bytes, not 16,")
        }
        return id
    }

    func spanID(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.SpanID {
        let start = cursor.offset
        let bounds = try cursor.delimited()
        guard let id = OTLP.SpanID(bytes: UnsafeRawBufferPointer(rebasing: cursor.bytes[bounds])) else {
            throw .malformed(offset: start, what: "span id of \(bounds.count) bytes, not 8,")
        }
        return id
    }

    /// A trace id of 16 bytes, or of 8 where ids of 64 bits are known too; no bytes are the zero id.
    func traceIDOfAnySize(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.TraceID {
        let start = cursor.offset
        let bounds = try cursor.delimited()
        let bytes = UnsafeRawBufferPointer(rebasing: cursor.bytes[bounds])
        if bounds.count == 8, let low = OTLP.SpanID(bytes: bytes) { return OTLP.TraceID(low: low.value) }
        guard let id = OTLP.TraceID(bytes: bytes) else {
            throw .malformed(offset: start, what: "trace id of \(bounds.count) bytes, not 16 or 8,")
        }
        return id
    }

    // MARK: What all signals share

    mutating func resource(_ cursor: inout ProtoCursor, into resource: inout OTLP.Resource) throws(WireError) {
        while try cursor.next() {
            switch cursor.field {
            case 1: try attribute(&cursor, into: &resource.attributes)
            case 2: resource.droppedAttributesCount = try cursor.uint32()
            default: try cursor.skip()
            }
        }
    }

    mutating func scope(
        _ cursor: inout ProtoCursor, into scope: inout OTLP.InstrumentationScope
    ) throws(WireError) {
        while try cursor.next() {
            switch cursor.field {
            case 1: scope.name = try text(&cursor)
            case 2: scope.version = try text(&cursor)
            case 3: try attribute(&cursor, into: &scope.attributes)
            case 4: scope.droppedAttributesCount = try cursor.uint32()
            default: try cursor.skip()
            }
        }
    }

    /// Appends the KeyValue that is the cursor's current field.
    mutating func attribute(
        _ cursor: inout ProtoCursor, into attributes: inout [OTLP.KeyValue], depth: Int = 0
    ) throws(WireError) {
        try charge(OTLP.KeyValue.self)
        var message = try cursor.message()
        var pair = OTLP.KeyValue()
        while try message.next() {
            switch message.field {
            case 1: pair.key = try text(&message)
            case 2: try value(&message, into: &pair.value, depth: depth)
            default: try message.skip()
            }
        }
        attributes.append(pair)
    }

    /// Reads the AnyValue that is the cursor's current field. When the field occurs again, what it sets replaces.
    mutating func value(
        _ cursor: inout ProtoCursor, into value: inout OTLP.AnyValue, depth: Int = 0
    ) throws(WireError) {
        guard depth < limits.depth else { throw .tooDeep(limit: limits.depth) }
        var message = try cursor.message()
        while try message.next() {
            switch message.field {
            case 1: value = .string(try text(&message))
            case 2: value = .bool(try message.bool())
            case 3: value = .int(try message.int64())
            case 4: value = .double(try message.double())
            case 5:
                var list = try message.message()
                var values: [OTLP.AnyValue] = []
                while try list.next() {
                    guard list.field == 1 else {
                        try list.skip()
                        continue
                    }
                    try charge(OTLP.AnyValue.self)
                    var element = OTLP.AnyValue.empty
                    try self.value(&list, into: &element, depth: depth + 1)
                    values.append(element)
                }
                value = .array(values)
            case 6:
                var list = try message.message()
                var pairs: [OTLP.KeyValue] = []
                while try list.next() {
                    guard list.field == 1 else {
                        try list.skip()
                        continue
                    }
                    try attribute(&list, into: &pairs, depth: depth + 1)
                }
                value = .map(pairs)
            case 7: value = .bytes(try bytes(&message))
            default: try message.skip()
            }
        }
    }
}
