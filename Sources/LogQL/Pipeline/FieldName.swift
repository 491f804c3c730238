/// Names of parsed fields, forced into the alphabet of labels.
enum FieldName {
    /// Appends `name` with every byte outside `[a-zA-Z0-9_]` as `_`, and a `_` before a leading digit.
    static func append(_ name: some Collection<UInt8>, to out: inout [UInt8]) {
        var isFirst = out.isEmpty
        for byte in name {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                out.append(byte)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if isFirst { out.append(UInt8(ascii: "_")) }
                out.append(byte)
            // A character of several bytes becomes one underscore.
            case 0x80...0xBF: continue
            default: out.append(UInt8(ascii: "_"))
            }
            isFirst = false
        }
    }
}
