import MartletCore

extension OTLP.AnyValue {
    /// The value as text, as label values and log lines have it: text as it is, numbers in decimal, bytes in base64, lists
    /// and maps as JSON.
    package var text: ByteString {
        switch self {
        case .empty: return ByteString()
        case .string(let text): return text
        case .bool(let flag): return flag ? "true" : "false"
        case .int(let number): return ByteString(String(number))
        case .double(let number):
            var out: [UInt8] = []
            FloatText.append(number, to: &out)
            return ByteString(out)
        case .bytes(let bytes): return ByteString(bytes.withBytes { Base64.encode($0) })
        case .array, .map:
            var writer = JSONWriter()
            writePlain(to: &writer)
            return ByteString(writer.bytes)
        }
    }

    /// The value as plain JSON, without type names. Nested as deep as a decoder allows at most.
    private func writePlain(to writer: inout JSONWriter) {
        switch self {
        case .empty: writer.null()
        case .string(let text): text.withBytes { writer.string($0) }
        case .bool(let flag): writer.bool(flag)
        case .int(let number): writer.int(number)
        case .double(let number): writer.double(number)
        case .bytes(let bytes): writer.string(bytes.withBytes { Base64.encode($0) })
        case .array(let values):
            writer.beginArray()
            for value in values { value.writePlain(to: &writer) }
            writer.endArray()
        case .map(let pairs):
            writer.beginObject()
            for pair in pairs {
                pair.key.withBytes { writer.key($0) }
                pair.value.writePlain(to: &writer)
            }
            writer.endObject()
        }
    }
}
