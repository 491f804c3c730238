import MartletCore

/// Decodes OTLP/JSON: protobuf's JSON mapping with ids in hex. Unknown keys are passed over, null stands for the default,
/// 64-bit numbers may be strings, enums may be names. Zipkin's JSON is read with it too.
struct OTLPJSONDecoder {
    private let body: [UInt8]
    private let base: UnsafeRawPointer?
    private var memory: Int
    var reader: JSONReader

    /// Decodes `body` with `decode`; a body must be one object.
    static func decode<Message>(
        _ body: [UInt8], _ limits: DecodeLimits, _ decode: (inout OTLPJSONDecoder) throws(JSONError) -> Message
    ) throws(WireError) -> Message {
        guard body.count <= Int(Int32.max) else {
            throw .tooLarge(limit: Int(Int32.max), what: "body of \(body.count) bytes")
        }
        return try body.withUnsafeBufferPointer { (buffer: UnsafeBufferPointer<UInt8>) throws(WireError) -> Message in
            var decoder = OTLPJSONDecoder(body, UnsafeRawBufferPointer(buffer), limits)
            do throws(JSONError) {
                let message = try decode(&decoder)
                try decoder.reader.end()
                return message
            } catch {
                if decoder.memory < 0 { throw .tooLarge(limit: limits.memory, what: "decoded request in bytes") }
                if error.reason.hasPrefix("nested deeper") { throw .tooDeep(limit: limits.depth) }
                throw .malformed(offset: error.offset, what: error.reason)
            }
        }
    }

    private init(_ body: [UInt8], _ buffer: UnsafeRawBufferPointer, _ limits: DecodeLimits) {
        self.body = body
        base = buffer.baseAddress
        memory = limits.memory
        reader = JSONReader(buffer, depthLimit: limits.depth)
    }

    // MARK: Structure

    /// Calls `member` for every member of an object that is not null; `member` gives false for a key it does not know.
    mutating func object(
        _ member: (inout OTLPJSONDecoder) throws(JSONError) -> Bool
    ) throws(JSONError) {
        try reader.beginObject()
        while try reader.nextKey() {
            if try reader.null() { continue }
            if try !member(&self) { try reader.skipValue() }
        }
    }

    /// An object of which only one member counts, a list.
    mutating func list<T>(
        _ key: StaticString, _ element: (inout OTLPJSONDecoder) throws(JSONError) -> T
    ) throws(JSONError) -> [T] {
        var values: [T] = []
        try object { (json) throws(JSONError) in
            guard json.reader.isKey(key) else { return false }
            try json.array(into: &values, element)
            return true
        }
        return values
    }

    /// Appends what `element` decodes for every element of an array.
    mutating func array<T>(
        into values: inout [T], _ element: (inout OTLPJSONDecoder) throws(JSONError) -> T
    ) throws(JSONError) {
        try reader.beginArray()
        while try reader.nextElement() {
            try charge(T.self)
            values.append(try element(&self))
        }
    }

    /// Charges one element of `type` to the memory budget before it is appended.
    mutating func charge<T>(_ type: T.Type) throws(JSONError) {
        memory -= MemoryLayout<T>.stride
        if memory < 0 { throw reader.fail("too much") }
    }

    // MARK: Scalars

    mutating func text() throws(JSONError) -> ByteString {
        let (raw, escaped) = try reader.rawString()
        return try text(raw, escaped: escaped)
    }

    /// The name of the member last announced, where names are data.
    func name() throws(JSONError) -> ByteString {
        if let plain = reader.plainKey { return try text(plain, escaped: false) }
        let key = ByteString(reader.keyBytes)
        guard key.withBytes({ Bytes.isValidUTF8($0) }) else { throw reader.fail("not valid UTF-8") }
        return key
    }

    private func text(_ raw: UnsafeRawBufferPointer, escaped: Bool) throws(JSONError) -> ByteString {
        guard Bytes.isValidUTF8(raw) else { throw reader.fail("not valid UTF-8") }
        if escaped { return ByteString(JSONReader.unescape(raw)) }
        guard let base, let start = raw.baseAddress else { return ByteString() }
        let offset = start - base
        return ByteString(body, offset..<offset + raw.count)
    }

    mutating func uint32() throws(JSONError) -> UInt32 {
        let value = try reader.uint64(quoted: true)
        guard let narrow = UInt32(exactly: value) else { throw reader.fail("not an unsigned 32-bit integer") }
        return narrow
    }

    mutating func int32() throws(JSONError) -> Int32 {
        let value = try reader.int64(quoted: true)
        guard let narrow = Int32(exactly: value) else { throw reader.fail("not a 32-bit integer") }
        return narrow
    }

    mutating func uint64() throws(JSONError) -> UInt64 { try reader.uint64(quoted: true) }

    mutating func int64() throws(JSONError) -> Int64 { try reader.int64(quoted: true) }

    mutating func double() throws(JSONError) -> Double {
        guard try reader.peek() == .string else { return try reader.double() }
        let (raw, _) = try reader.rawString()
        let text = String(decoding: raw, as: UTF8.self)
        switch text {
        case "NaN": return .nan
        case "Infinity": return .infinity
        case "-Infinity": return -.infinity
        default:
            guard let value = Double(text) else { throw reader.fail("not a number") }
            return value
        }
    }

    mutating func enumeration(_ names: [String]) throws(JSONError) -> Int32 {
        guard try reader.peek() == .string else { return try int32() }
        let name = try reader.string()
        if let index = names.firstIndex(of: name) { return Int32(index) }
        guard let number = Int32(name) else { throw reader.fail("unknown enum value") }
        return number
    }

    mutating func traceID() throws(JSONError) -> OTLP.TraceID {
        let (raw, _) = try reader.rawString()
        if raw.isEmpty { return OTLP.TraceID() }
        guard raw.count == 32, let id = OTLP.TraceID(hex: raw) else {
            throw reader.fail("trace id is not 32 hex digits")
        }
        return id
    }

    mutating func spanID() throws(JSONError) -> OTLP.SpanID {
        let (raw, _) = try reader.rawString()
        if raw.isEmpty { return OTLP.SpanID() }
        guard raw.count == 16, let id = OTLP.SpanID(hex: raw) else { throw reader.fail("span id is not 16 hex digits") }
        return id
    }

    // MARK: What all signals share

    /// An object of the envelope that all signals share: below `headKey` a resource or a scope (nil when it is missing),
    /// below `listKey` what belongs to it, and the schema.
    mutating func group<Head, Item>(
        _ headKey: StaticString, _ head: (inout OTLPJSONDecoder) throws(JSONError) -> Head, _ listKey: StaticString,
        _ item: (inout OTLPJSONDecoder) throws(JSONError) -> Item
    ) throws(JSONError) -> (head: Head?, items: [Item], schemaURL: ByteString) {
        var group: (head: Head?, items: [Item], schemaURL: ByteString) = (nil, [], ByteString())
        try object { (json) throws(JSONError) in
            if json.reader.isKey(headKey) {
                group.head = try head(&json)
            } else if json.reader.isKey(listKey) {
                try json.array(into: &group.items, item)
            } else if json.reader.isKey("schemaUrl") {
                group.schemaURL = try json.text()
            } else {
                return false
            }
            return true
        }
        return group
    }

    /// A resource with its list of scopes.
    mutating func resourceGroup<Scope>(
        _ listKey: StaticString, _ scope: (inout OTLPJSONDecoder) throws(JSONError) -> Scope
    ) throws(JSONError) -> (resource: OTLP.Resource, scopes: [Scope], schemaURL: ByteString) {
        let group = try group("resource", { (json) throws(JSONError) in try json.resource() }, listKey, scope)
        return (group.head ?? OTLP.Resource(), group.items, group.schemaURL)
    }

    /// A scope with its list of items.
    mutating func scopeGroup<Item>(
        _ listKey: StaticString, _ item: (inout OTLPJSONDecoder) throws(JSONError) -> Item
    ) throws(JSONError) -> (scope: OTLP.InstrumentationScope, items: [Item], schemaURL: ByteString) {
        let group = try group("scope", { (json) throws(JSONError) in try json.scope() }, listKey, item)
        return (group.head ?? OTLP.InstrumentationScope(), group.items, group.schemaURL)
    }

    private mutating func resource() throws(JSONError) -> OTLP.Resource {
        var resource = OTLP.Resource()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("attributes") {
                resource.attributes = try json.attributes()
            } else if json.reader.isKey("droppedAttributesCount") {
                resource.droppedAttributesCount = try json.uint32()
            } else {
                return false
            }
            return true
        }
        return resource
    }

    private mutating func scope() throws(JSONError) -> OTLP.InstrumentationScope {
        var scope = OTLP.InstrumentationScope()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("name") {
                scope.name = try json.text()
            } else if json.reader.isKey("version") {
                scope.version = try json.text()
            } else if json.reader.isKey("attributes") {
                scope.attributes = try json.attributes()
            } else if json.reader.isKey("droppedAttributesCount") {
                scope.droppedAttributesCount = try json.uint32()
            } else {
                return false
            }
            return true
        }
        return scope
    }

    mutating func attributes() throws(JSONError) -> [OTLP.KeyValue] {
        var attributes: [OTLP.KeyValue] = []
        try array(into: &attributes) { (json) throws(JSONError) in try json.keyValue() }
        return attributes
    }

    private mutating func keyValue() throws(JSONError) -> OTLP.KeyValue {
        var pair = OTLP.KeyValue()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("key") {
                pair.key = try json.text()
            } else if json.reader.isKey("value") {
                pair.value = try json.anyValue()
            } else {
                return false
            }
            return true
        }
        return pair
    }

    /// The reader's depth limit bounds the recursion.
    mutating func anyValue() throws(JSONError) -> OTLP.AnyValue {
        var value = OTLP.AnyValue.empty
        try object { (json) throws(JSONError) in
            if json.reader.isKey("stringValue") {
                value = .string(try json.text())
            } else if json.reader.isKey("boolValue") {
                value = .bool(try json.reader.bool())
            } else if json.reader.isKey("intValue") {
                value = .int(try json.int64())
            } else if json.reader.isKey("doubleValue") {
                value = .double(try json.double())
            } else if json.reader.isKey("arrayValue") {
                value = .array(try json.list("values") { (json) throws(JSONError) in try json.anyValue() })
            } else if json.reader.isKey("kvlistValue") {
                value = .map(try json.list("values") { (json) throws(JSONError) in try json.keyValue() })
            } else if json.reader.isKey("bytesValue") {
                value = .bytes(try json.base64())
            } else {
                return false
            }
            return true
        }
        return value
    }

    private mutating func base64() throws(JSONError) -> ByteString {
        let text = try text()
        guard let bytes = text.withBytes({ Base64.decode($0) }) else { throw reader.fail("not base64") }
        return ByteString(bytes)
    }
}
