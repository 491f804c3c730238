import MartletCore
package import Wire

/// A value of a condition.
package enum OTTLValue: Sendable, Hashable {
    /// `nil`: nothing is there.
    case none
    /// A truth value.
    case bool(Bool)
    /// A whole number.
    case int(Int64)
    /// A number.
    case double(Double)
    /// A text.
    case text(ByteString)
    /// Bytes.
    case bytes(ByteString)
    /// The bytes of a trace's or a span's id, which differ from other bytes in that they compare with ids only.
    case id(ByteString)
    /// Unix nanoseconds.
    case time(Int64)
    /// Nanoseconds.
    case duration(Int64)
    /// A list.
    case list([OTTLValue])
    /// Keys with values.
    case map([ByteString: OTTLValue])

    /// What messages call its type.
    var typeName: String {
        switch self {
        case .none: "nil"
        case .bool: "a boolean"
        case .int: "a whole number"
        case .double: "a number"
        case .text: "a text"
        case .bytes: "bytes"
        case .id: "an id"
        case .time: "a time"
        case .duration: "a duration"
        case .list: "a list"
        case .map: "a map"
        }
    }

    // MARK: As text

    /// The text of what has one: numbers in decimal, bytes in hexadecimal, lists and maps as JSON; nil for `nil`.
    func textLike() throws(OTTLFailure) -> ByteString? {
        switch self {
        case .none: return nil
        case .bool(let flag): return flag ? "true" : "false"
        case .int(let number): return ByteString(String(number))
        case .double(let number): return ByteString(FloatText.fixed(number))
        case .text(let text): return text
        case .bytes(let bytes), .id(let bytes): return Self.hex(bytes)
        case .time, .duration: throw OTTLFailure("\(typeName) has no text")
        case .list, .map:
            var writer = JSONWriter()
            try write(to: &writer)
            return ByteString(writer.bytes)
        }
    }

    static func hex(_ bytes: ByteString) -> ByteString { ByteString(Hex.text(bytes.array)) }

    private func write(to writer: inout JSONWriter) throws(OTTLFailure) {
        switch self {
        case .none: writer.null()
        case .bool(let flag): writer.bool(flag)
        case .int(let number): writer.int(number)
        case .double(let number): writer.double(number)
        case .text(let text): text.withBytes { writer.string($0) }
        case .bytes(let bytes): writer.string(bytes.withBytes { Base64.encode($0) })
        case .id, .time, .duration: throw OTTLFailure("\(typeName) has no place in a list or map")
        case .list(let values):
            writer.beginArray()
            for value in values { try value.write(to: &writer) }
            writer.endArray()
        case .map(let pairs):
            writer.beginObject()
            for (key, value) in pairs.sorted(by: { $0.key < $1.key }) {
                key.withBytes { writer.key($0) }
                try value.write(to: &writer)
            }
            writer.endObject()
        }
    }

    // MARK: As what functions take

    /// The text, of nothing but a text.
    func text() throws(OTTLFailure) -> ByteString {
        guard case .text(let text) = self else { throw OTTLFailure("a text is needed, not \(typeName)") }
        return text
    }

    /// The number, of nothing but a whole number.
    func int() throws(OTTLFailure) -> Int64 {
        guard case .int(let number) = self else { throw OTTLFailure("a whole number is needed, not \(typeName)") }
        return number
    }

    /// The nanoseconds, of nothing but a duration.
    func duration() throws(OTTLFailure) -> Int64 {
        guard case .duration(let value) = self else { throw OTTLFailure("a duration is needed, not \(typeName)") }
        return value
    }

    /// Unix nanoseconds, of nothing but a time.
    func time() throws(OTTLFailure) -> Int64 {
        guard case .time(let value) = self else { throw OTTLFailure("a time is needed, not \(typeName)") }
        return value
    }

    /// The elements, of nothing but a list.
    func list() throws(OTTLFailure) -> [OTTLValue] {
        guard case .list(let values) = self else { throw OTTLFailure("a list is needed, not \(typeName)") }
        return values
    }

    /// The value under a key of a map or at a place of a list; `nil` under a key that is not there.
    func element(_ key: OTTLKey) throws(OTTLFailure) -> OTTLValue {
        switch (self, key) {
        case (.none, _): return .none
        case (.map(let pairs), .text(let key)): return pairs[key] ?? .none
        case (.list(let values), .place(let place)):
            guard values.indices.contains(place) else {
                throw OTTLFailure("place \(place) is not among the \(values.count) of a list")
            }
            return values[place]
        default: throw OTTLFailure("\(typeName) has no element \(key)")
        }
    }
}
