import MartletCore
import Wire

/// Values of attributes as labels have them: text as it is, numbers in decimal without exponents; lists `[ab]`, maps
/// `{k:v}` and bytes nothing, as Tempo writes them.
enum AttributeText {
    /// Appends the text of the AnyValue message at `bounds`.
    static func append(
        _ bounds: Range<Int>, of bytes: UnsafeRawBufferPointer, to out: inout [UInt8]
    ) throws(WireError) {
        var cursor = ProtoCursor(bytes, bounds)
        let start = out.count
        while try cursor.next() {
            // Of several values the last counts.
            out.removeLast(out.count - start)
            switch cursor.field {
            case 1: out.append(contentsOf: bytes[try cursor.delimited()])
            case 2: out.append(contentsOf: (try cursor.bool() ? "true" : "false").utf8)
            case 3: out.append(contentsOf: String(try cursor.int64()).utf8)
            case 4: FloatText.appendFixed(try cursor.double(), to: &out)
            case 5:
                out.append(UInt8(ascii: "["))
                var list = try cursor.message()
                while try list.next() {
                    guard list.field == 1 else {
                        try list.skip()
                        continue
                    }
                    try append(try list.delimited(), of: bytes, to: &out)
                }
                out.append(UInt8(ascii: "]"))
            case 6:
                out.append(UInt8(ascii: "{"))
                var map = try cursor.message()
                while try map.next() {
                    guard map.field == 1 else {
                        try map.skip()
                        continue
                    }
                    try appendPair(try map.message(), bytes, to: &out)
                }
                out.append(UInt8(ascii: "}"))
            default: try cursor.skip()
            }
        }
    }

    private static func appendPair(
        _ pair: ProtoCursor, _ bytes: UnsafeRawBufferPointer, to out: inout [UInt8]
    ) throws(WireError) {
        var cursor = pair
        while try cursor.next() {
            switch cursor.field {
            case 1:
                out.append(contentsOf: bytes[try cursor.delimited()])
                out.append(UInt8(ascii: ":"))
            case 2: try append(try cursor.delimited(), of: bytes, to: &out)
            default: try cursor.skip()
            }
        }
    }
}
