import MartletCore

/// What OpenTelemetry's exporters write as text because Zipkin has only text.
enum ZipkinText {
    /// What the attributes of one annotation or link may take; text that asks for more stays text.
    private static let limits = DecodeLimits(memory: 1 << 20, depth: 16)
    private static let bar = UInt8(ascii: "|")

    /// An annotation as an event. With attributes it is `name|{"key":"value"}|dropped` from the Collector, `{"name":{…}}` or
    /// `"name":{…}` as the specification has it; anything else is the event's name.
    static func event(_ annotation: Zipkin.Annotation) -> OTLP.Event {
        var event = OTLP.Event(
            timeUnixNano: SpanTime.nanoseconds(microseconds: annotation.timestamp), name: annotation.value)
        let text = annotation.value.array
        if let first = text.firstIndex(of: bar), let last = text.lastIndex(of: bar), first < last,
            let dropped = UInt32(String(decoding: text[(last + 1)...], as: UTF8.self)),
            let attributes = attributes(Array(text[(first + 1)..<last]))
        {
            event.name = ByteString(Array(text[..<first]))
            event.attributes = attributes
            event.droppedAttributesCount = dropped
        } else if let named = namedAttributes(text) {
            event.name = named.key
            event.attributes = named.attributes
        }
        return event
    }

    /// A link as the Collector writes it, `trace id|span id|tracestate|{"key":"value"}|dropped`; nil for what is none.
    static func link(_ value: ByteString) -> OTLP.Link? {
        let text = value.array
        let bars = text.indices.filter { text[$0] == bar }
        guard bars.count >= 4, let last = bars.last else { return nil }
        let trace = String(decoding: text[..<bars[0]], as: UTF8.self)
        let span = String(decoding: text[(bars[0] + 1)..<bars[1]], as: UTF8.self)
        guard let traceID = OTLP.TraceID(hex: trace), let spanID = OTLP.SpanID(hex: span),
            let dropped = UInt32(String(decoding: text[(last + 1)...], as: UTF8.self)),
            let attributes = attributes(Array(text[(bars[2] + 1)..<last]))
        else { return nil }
        return OTLP.Link(
            traceID: traceID, spanID: spanID, traceState: ByteString(Array(text[(bars[1] + 1)..<bars[2]])),
            attributes: attributes, droppedAttributesCount: dropped)
    }

    /// A tag with the type that its text looks like: digits a number, with a point a fraction, `true` and `false`.
    static func typed(_ pair: OTLP.KeyValue) -> OTLP.KeyValue {
        guard case .string(let text) = pair.value, !text.isEmpty, text.count <= 64 else { return pair }
        if text == "true" || text == "false" { return OTLP.KeyValue(key: pair.key, value: .bool(text == "true")) }
        let digits = text.array.drop { $0 == UInt8(ascii: "-") }
        let parts = digits.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard text.count - digits.count <= 1, parts.count <= 2,
            parts.allSatisfy({ part in
                !part.isEmpty && part.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            })
        else { return pair }
        if parts.count == 1 {
            return Int64(text.string).map { OTLP.KeyValue(key: pair.key, value: .int($0)) } ?? pair
        }
        return Double(text.string).map { OTLP.KeyValue(key: pair.key, value: .double($0)) } ?? pair
    }

    private static func attributes(_ json: [UInt8]) -> [OTLP.KeyValue]? {
        try? OTLPJSONDecoder.decode(json, limits) { (json) throws(JSONError) in try json.plainMembers() }
    }

    private static func namedAttributes(_ text: [UInt8]) -> (key: ByteString, attributes: [OTLP.KeyValue])? {
        guard text.last == UInt8(ascii: "}"), let first = text.first else { return nil }
        let json: [UInt8]
        switch first {
        case UInt8(ascii: "{"): json = text
        case UInt8(ascii: "\""): json = [UInt8(ascii: "{")] + text + [UInt8(ascii: "}")]
        default: return nil
        }
        guard let members = attributes(json), members.count == 1, case .map(let attributes) = members[0].value else {
            return nil
        }
        return (members[0].key, attributes)
    }
}

extension OTLPJSONDecoder {
    /// The members of an object of plain JSON; those that are null are left out.
    fileprivate mutating func plainMembers() throws(JSONError) -> [OTLP.KeyValue] {
        var members: [OTLP.KeyValue] = []
        try object { (json) throws(JSONError) in
            try json.charge(OTLP.KeyValue.self)
            let key = try json.name()
            members.append(OTLP.KeyValue(key: key, value: try json.plainValue()))
            return true
        }
        return members
    }

    /// The reader's depth limit bounds the recursion.
    private mutating func plainValue() throws(JSONError) -> OTLP.AnyValue {
        switch try reader.peek() {
        case .string: return .string(try text())
        case .bool: return .bool(try reader.bool())
        case .null:
            _ = try reader.null()
            return .empty
        case .number:
            let text = String(decoding: try reader.number(), as: UTF8.self)
            if let number = Int64(text) { return .int(number) }
            guard let number = Double(text) else { throw reader.fail("not a number") }
            return .double(number)
        case .array:
            var values: [OTLP.AnyValue] = []
            try array(into: &values) { (json) throws(JSONError) in try json.plainValue() }
            return .array(values)
        case .object: return .map(try plainMembers())
        }
    }
}
