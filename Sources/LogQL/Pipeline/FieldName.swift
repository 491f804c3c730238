/// Names of parsed fields, forced into the alphabet of labels.
enum FieldName {
    /// Appends `name` with every character outside `[a-zA-Z0-9_]` as `_`, and a `_` before a leading digit.
    static func append(_ name: some Collection<UInt8>, to out: inout [UInt8]) {
        var isFirst = out.isEmpty
        /// Bytes that may still belong to the character that began last.
        var rest = 0
        for byte in name {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                out.append(byte)
                rest = 0
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if isFirst { out.append(UInt8(ascii: "_")) }
                out.append(byte)
                rest = 0
            // A character of several bytes becomes one underscore.
            case 0x80...0xBF where rest > 0: rest -= 1
            default:
                out.append(UInt8(ascii: "_"))
                rest = byte < 0xC0 ? 0 : byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3
            }
            isFirst = false
        }
    }

    /// Whether `name` is a label's name as it is.
    static func isPlain(_ name: UnsafeRawBufferPointer) -> Bool {
        guard let first = name.first, first < UInt8(ascii: "0") || first > UInt8(ascii: "9") else { return false }
        for byte in name {
            let letter = (byte | 0x20) &- UInt8(ascii: "a")
            guard letter < 26 || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "_") else { return false }
        }
        return true
    }
}
