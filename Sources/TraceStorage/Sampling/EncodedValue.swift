import TraceSampling
import Wire

/// Encoded AnyValue messages as values of conditions.
enum EncodedValue {
    /// The value; none for what is no message. Nested as deep as requests may be.
    static func read(_ bytes: UnsafeRawBufferPointer) -> OTTLValue {
        do throws(WireError) { return try value(ProtoCursor(bytes), bytes) } catch {
            // The request was checked before it was stored.
            return .none
        }
    }

    private static func value(_ message: ProtoCursor, _ bytes: UnsafeRawBufferPointer) throws(WireError) -> OTTLValue {
        var cursor = message
        var found = OTTLValue.none
        while try cursor.next() {
            switch cursor.field {
            case 1: found = .text(try text(&cursor, bytes))
            case 2: found = .bool(try cursor.bool())
            case 3: found = .int(try cursor.int64())
            case 4: found = .double(try cursor.double())
            case 5: found = .list(try list(try cursor.message(), bytes))
            case 6: found = .map(try map(try cursor.message(), bytes))
            case 7: found = .bytes(try text(&cursor, bytes))
            default: try cursor.skip()
            }
        }
        return found
    }

    private static func text(
        _ cursor: inout ProtoCursor, _ bytes: UnsafeRawBufferPointer
    ) throws(WireError) -> ByteString {
        ByteString(copying: UnsafeRawBufferPointer(rebasing: bytes[try cursor.delimited()]))
    }

    private static func list(_ message: ProtoCursor, _ bytes: UnsafeRawBufferPointer) throws(WireError) -> [OTTLValue] {
        var cursor = message
        var values: [OTTLValue] = []
        while try cursor.next() {
            if cursor.field == 1 { values.append(try value(try cursor.message(), bytes)) } else { try cursor.skip() }
        }
        return values
    }

    private static func map(
        _ message: ProtoCursor, _ bytes: UnsafeRawBufferPointer
    ) throws(WireError) -> [ByteString: OTTLValue] {
        var cursor = message
        var pairs: [ByteString: OTTLValue] = [:]
        while try cursor.next() {
            guard cursor.field == 1 else {
                try cursor.skip()
                continue
            }
            var pair = try cursor.message()
            var (key, found) = (ByteString(), OTTLValue.none)
            while try pair.next() {
                switch pair.field {
                case 1: key = try text(&pair, bytes)
                case 2: found = try value(try pair.message(), bytes)
                default: try pair.skip()
                }
            }
            if pairs[key] == nil { pairs[key] = found }
        }
        return pairs
    }
}
