import TraceQL
import Wire

/// Arrays among attribute values, which are kept as they came.
enum EncodedArray {
    /// The elements of an encoded AnyValue that is an array; nil for maps and bytes.
    static func elements(_ bytes: UnsafeRawBufferPointer) -> [Value]? {
        var cursor = ProtoCursor(bytes)
        do throws(WireError) {
            var found: [Value]?
            while try cursor.next() {
                guard cursor.field == 5 else {
                    found = nil
                    try cursor.skip()
                    continue
                }
                var list = try cursor.message()
                var values: [Value] = []
                while try list.next() {
                    if list.field == 1 { values.append(try scalar(try list.message(), bytes)) } else { try list.skip() }
                }
                found = values
            }
            return found
        } catch {
            // The request was checked before it was stored.
            return nil
        }
    }

    private static func scalar(_ message: ProtoCursor, _ bytes: UnsafeRawBufferPointer) throws(WireError) -> Value {
        var cursor = message
        var value = Value.opaque
        while try cursor.next() {
            switch cursor.field {
            case 1: value = .string(Array(bytes[try cursor.delimited()]))
            case 2: value = .bool(try cursor.bool())
            case 3: value = .int(try cursor.int64())
            case 4: value = .double(try cursor.double())
            default: try cursor.skip()
            }
        }
        return value
    }
}
