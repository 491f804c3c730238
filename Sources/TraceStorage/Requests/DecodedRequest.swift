import Wire

/// An export request of OTLP spans taken apart into columns; text and nested values stay ranges of the body.
struct DecodedRequest {
    /// What the spans of one ScopeSpans message have in common, as encoded messages and text.
    struct Context {
        var resource = ByteRange()
        var resourceSchema = ByteRange()
        var scope = ByteRange()
        var scopeSchema = ByteRange()
    }

    struct Span {
        var context: UInt32 = 0
        var traceHigh: UInt64 = 0
        var traceLow: UInt64 = 0
        var id: UInt64 = 0
        var parent: UInt64 = 0
        var start: UInt64 = 0
        var end: UInt64 = 0
        var name = ByteRange()
        var traceState = ByteRange()
        var statusMessage = ByteRange()
        var kind: Int32 = 0
        var status: Int32 = 0
        /// Whether a status was sent, if only an empty one.
        var hasStatus = false
        var flags: UInt32 = 0
        var droppedAttributes: UInt32 = 0
        var droppedEvents: UInt32 = 0
        var droppedLinks: UInt32 = 0
        var attributes: Range<UInt32> = 0..<0
        var events: Range<UInt32> = 0..<0
        var links: Range<UInt32> = 0..<0
        /// Bytes of the encoded span.
        var size: UInt32 = 0
        /// Whether all ids have the protocol's length and the span's own are not zero.
        var hasValidIDs = true
    }

    struct Attribute {
        enum Kind: UInt8 { case empty, string, bool, int, double, encoded }

        var key = ByteRange()
        var kind = Kind.empty
        /// The number's bits, or for text and encoded values nothing.
        var bits: UInt64 = 0
        /// The text, or for `encoded` the whole AnyValue message.
        var bytes = ByteRange()
    }

    struct Event {
        var time: UInt64 = 0
        var name = ByteRange()
        var dropped: UInt32 = 0
        var attributes: Range<UInt32> = 0..<0
    }

    struct Link {
        var traceHigh: UInt64 = 0
        var traceLow: UInt64 = 0
        var span: UInt64 = 0
        var traceState = ByteRange()
        var dropped: UInt32 = 0
        var flags: UInt32 = 0
        var attributes: Range<UInt32> = 0..<0
    }

    /// The encoded request; it must outlive this value.
    let body: UnsafeRawBufferPointer
    private(set) var contexts: [Context] = []
    private(set) var spans: [Span] = []
    private(set) var attributes: [Attribute] = []
    private(set) var events: [Event] = []
    private(set) var links: [Link] = []
    /// Bytes of memory that the columns take, counted as their elements were appended.
    private(set) var memory = 0
    private let limits: DecodeLimits

    /// Takes `body` apart.
    ///
    /// - Throws: `WireError` at the first byte that is no ExportTraceServiceRequest, `tooLarge` when the columns would take
    ///   more memory than allowed: two bytes can be a span.
    init(_ body: UnsafeRawBufferPointer, limits: DecodeLimits = .standard) throws(WireError) {
        guard body.count <= Int(Int32.max) else {
            throw .tooLarge(limit: Int(Int32.max), what: "request of \(body.count) bytes")
        }
        self.body = body
        self.limits = limits
        spans.reserveCapacity(min(body.count / 160, limits.memory / MemoryLayout<Span>.stride))
        attributes.reserveCapacity(min(body.count / 40, limits.memory / MemoryLayout<Attribute>.stride))
        var cursor = ProtoCursor(body)
        while try cursor.next() {
            guard cursor.field == 1 else {
                try cursor.skip()
                continue
            }
            try resourceSpans(try cursor.message())
        }
    }

    /// Counts one element of `type` before it is appended.
    private mutating func charge<Element>(_ type: Element.Type) throws(WireError) {
        memory += MemoryLayout<Element>.stride
        if memory > limits.memory { throw .tooLarge(limit: limits.memory, what: "decoded request in bytes") }
    }

    private mutating func resourceSpans(_ message: ProtoCursor) throws(WireError) {
        var cursor = message
        let first = contexts.count
        var resource = ByteRange()
        var schema = ByteRange()
        while try cursor.next() {
            switch cursor.field {
            case 1:
                let bounds = try cursor.delimited()
                resource = ByteRange(offset: bounds.lowerBound, count: bounds.count)
                try checkAttributes(ProtoCursor(body, bounds), field: 1)
            case 2: try scopeSpans(try cursor.message())
            case 3: schema = try cursor.stringRange()
            default: try cursor.skip()
            }
        }
        // The fields may come in any order: the resource is known only now.
        for index in first..<contexts.count {
            contexts[index].resource = resource
            contexts[index].resourceSchema = schema
        }
    }

    private mutating func scopeSpans(_ message: ProtoCursor) throws(WireError) {
        var cursor = message
        let index = contexts.count
        try charge(Context.self)
        contexts.append(Context())
        while try cursor.next() {
            switch cursor.field {
            case 1:
                let bounds = try cursor.delimited()
                contexts[index].scope = ByteRange(offset: bounds.lowerBound, count: bounds.count)
                try checkAttributes(ProtoCursor(body, bounds), field: 3)
            case 2: try span(try cursor.message(), context: UInt32(index))
            case 3: contexts[index].scopeSchema = try cursor.stringRange()
            default: try cursor.skip()
            }
        }
    }

    private mutating func span(_ message: ProtoCursor, context: UInt32) throws(WireError) {
        var cursor = message
        var span = Span()
        span.context = context
        var children = 0
        let firstAttribute = UInt32(attributes.count)
        let begin = cursor.offset
        while try cursor.next() {
            switch cursor.field {
            case 1: try traceID(&cursor, &span.traceHigh, &span.traceLow, &span.hasValidIDs)
            case 2: span.id = try spanID(&cursor, &span.hasValidIDs)
            case 3: span.traceState = try cursor.stringRange()
            case 4: span.parent = try spanID(&cursor, &span.hasValidIDs)
            case 5: span.name = try cursor.stringRange()
            case 6: span.kind = try cursor.int32()
            case 7: span.start = try cursor.fixed64()
            case 8: span.end = try cursor.fixed64()
            case 9: try attribute(try cursor.message())
            case 10: span.droppedAttributes = try cursor.uint32()
            case 11, 13:
                children += 1
                _ = try cursor.delimited()
            case 12: span.droppedEvents = try cursor.uint32()
            case 14: span.droppedLinks = try cursor.uint32()
            case 15: try status(try cursor.message(), &span)
            case 16: span.flags = try cursor.fixed32()
            default: try cursor.skip()
            }
        }
        span.size = UInt32(cursor.offset - begin)
        span.attributes = firstAttribute..<UInt32(attributes.count)
        if span.traceHigh | span.traceLow == 0 || span.id == 0 { span.hasValidIDs = false }
        if children > 0 { try self.children(message, &span) }
        try charge(Span.self)
        spans.append(span)
    }

    /// Events and links, whose attributes must not lie between those of the span.
    private mutating func children(_ message: ProtoCursor, _ span: inout Span) throws(WireError) {
        let firstEvent = UInt32(events.count)
        let firstLink = UInt32(links.count)
        var cursor = message
        while try cursor.next() {
            switch cursor.field {
            case 11: try event(try cursor.message())
            case 13: try link(try cursor.message())
            default: try cursor.skip()
            }
        }
        span.events = firstEvent..<UInt32(events.count)
        span.links = firstLink..<UInt32(links.count)
    }

    private mutating func event(_ message: ProtoCursor) throws(WireError) {
        var cursor = message
        var event = Event()
        let first = UInt32(attributes.count)
        while try cursor.next() {
            switch cursor.field {
            case 1: event.time = try cursor.fixed64()
            case 2: event.name = try cursor.stringRange()
            case 3: try attribute(try cursor.message())
            case 4: event.dropped = try cursor.uint32()
            default: try cursor.skip()
            }
        }
        event.attributes = first..<UInt32(attributes.count)
        try charge(Event.self)
        events.append(event)
    }

    private mutating func link(_ message: ProtoCursor) throws(WireError) {
        var cursor = message
        var link = Link()
        var valid = true
        let first = UInt32(attributes.count)
        while try cursor.next() {
            switch cursor.field {
            case 1: try traceID(&cursor, &link.traceHigh, &link.traceLow, &valid)
            case 2: link.span = try spanID(&cursor, &valid)
            case 3: link.traceState = try cursor.stringRange()
            case 4: try attribute(try cursor.message())
            case 5: link.dropped = try cursor.uint32()
            case 6: link.flags = try cursor.fixed32()
            default: try cursor.skip()
            }
        }
        link.attributes = first..<UInt32(attributes.count)
        try charge(Link.self)
        links.append(link)
    }

    private func status(_ message: ProtoCursor, _ span: inout Span) throws(WireError) {
        var cursor = message
        span.hasStatus = true
        while try cursor.next() {
            switch cursor.field {
            case 2: span.statusMessage = try cursor.stringRange()
            case 3: span.status = try cursor.int32()
            default: try cursor.skip()
            }
        }
    }

    // MARK: Ids

    /// Ids of another length than the protocol's do not stop the request: the span is refused by itself.
    private func traceID(
        _ cursor: inout ProtoCursor, _ high: inout UInt64, _ low: inout UInt64, _ valid: inout Bool
    ) throws(WireError) {
        let bounds = try cursor.delimited()
        guard bounds.count == 16 else {
            if bounds.count != 0 { valid = false }
            return
        }
        high = UInt64(bigEndian: body.loadUnaligned(fromByteOffset: bounds.lowerBound, as: UInt64.self))
        low = UInt64(bigEndian: body.loadUnaligned(fromByteOffset: bounds.lowerBound + 8, as: UInt64.self))
    }

    private func spanID(_ cursor: inout ProtoCursor, _ valid: inout Bool) throws(WireError) -> UInt64 {
        let bounds = try cursor.delimited()
        guard bounds.count == 8 else {
            if bounds.count != 0 { valid = false }
            return 0
        }
        return UInt64(bigEndian: body.loadUnaligned(fromByteOffset: bounds.lowerBound, as: UInt64.self))
    }

    // MARK: Attributes

    private mutating func attribute(_ message: ProtoCursor) throws(WireError) {
        try charge(Attribute.self)
        attributes.append(try Self.attribute(message, maximumDepth: limits.depth))
    }

    /// One KeyValue message.
    static func attribute(_ message: ProtoCursor, maximumDepth: Int) throws(WireError) -> Attribute {
        var cursor = message
        var attribute = Attribute()
        while try cursor.next() {
            switch cursor.field {
            case 1: attribute.key = try cursor.stringRange()
            case 2: try value(try cursor.message(), &attribute, maximumDepth: maximumDepth)
            default: try cursor.skip()
            }
        }
        return attribute
    }

    private static func value(
        _ message: ProtoCursor, _ attribute: inout Attribute, maximumDepth: Int
    ) throws(WireError) {
        var cursor = message
        let begin = cursor.offset
        while try cursor.next() {
            switch cursor.field {
            case 1:
                attribute.kind = .string
                attribute.bytes = try cursor.stringRange()
            case 2:
                attribute.kind = .bool
                attribute.bits = try cursor.bool() ? 1 : 0
            case 3:
                attribute.kind = .int
                attribute.bits = UInt64(bitPattern: try cursor.int64())
            case 4:
                attribute.kind = .double
                attribute.bits = try cursor.double().bitPattern
            case 5, 6:
                attribute.kind = .encoded
                let isMap = cursor.field == 6
                try check(try cursor.message(), isMap: isMap, depth: 1, maximumDepth)
            case 7:
                attribute.kind = .encoded
                _ = try cursor.delimited()
            default: try cursor.skip()
            }
        }
        if attribute.kind == .encoded { attribute.bytes = ByteRange(offset: begin, count: cursor.offset - begin) }
    }

    /// Walks a nested list or map, so that whoever decodes it later meets neither damage nor a depth it cannot bear.
    private static func check(_ list: ProtoCursor, isMap: Bool, depth: Int, _ maximum: Int) throws(WireError) {
        guard depth < maximum else { throw .tooDeep(limit: maximum) }
        var cursor = list
        while try cursor.next() {
            guard cursor.field == 1 else {
                try cursor.skip()
                continue
            }
            let element = try cursor.message()
            if isMap {
                var pair = element
                while try pair.next() {
                    switch pair.field {
                    case 1: _ = try pair.string()
                    case 2: try checkValue(try pair.message(), depth, maximum)
                    default: try pair.skip()
                    }
                }
            } else {
                try checkValue(element, depth, maximum)
            }
        }
    }

    private static func checkValue(_ value: ProtoCursor, _ depth: Int, _ maximum: Int) throws(WireError) {
        var cursor = value
        while try cursor.next() {
            switch cursor.field {
            case 5: try check(try cursor.message(), isMap: false, depth: depth + 1, maximum)
            case 6: try check(try cursor.message(), isMap: true, depth: depth + 1, maximum)
            case 2, 3: _ = try cursor.uint64()
            case 4: _ = try cursor.fixed64()
            case 1: _ = try cursor.string()
            case 7: _ = try cursor.delimited()
            default: try cursor.skip()
            }
        }
    }

    /// Walks a Resource or InstrumentationScope whose attributes are in `field`; what comes before is text.
    private func checkAttributes(_ message: ProtoCursor, field: UInt32) throws(WireError) {
        var cursor = message
        while try cursor.next() {
            if cursor.field == field {
                _ = try Self.attribute(try cursor.message(), maximumDepth: limits.depth)
            } else if cursor.field < field {
                _ = try cursor.string()
            } else {
                try cursor.skip()
            }
        }
    }
}
