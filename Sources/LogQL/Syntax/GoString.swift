import MartletCore

/// The inside of a double-quoted Go string.
enum GoString {
    /// The bytes with escapes resolved; nil for an escape that Go does not have.
    static func unescape(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var out: [UInt8] = []
        out.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            guard text[index] == UInt8(ascii: "\\") else {
                out.append(text[index])
                index += 1
                continue
            }
            guard index + 1 < text.endIndex else { return nil }
            index += 2
            switch text[index - 1] {
            case UInt8(ascii: "a"): out.append(7)
            case UInt8(ascii: "b"): out.append(8)
            case UInt8(ascii: "f"): out.append(12)
            case UInt8(ascii: "n"): out.append(10)
            case UInt8(ascii: "r"): out.append(13)
            case UInt8(ascii: "t"): out.append(9)
            case UInt8(ascii: "v"): out.append(11)
            case UInt8(ascii: "\\"): out.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "\""): out.append(UInt8(ascii: "\""))
            case UInt8(ascii: "x"):
                guard let value = digits(text, &index, 2, radix: 16) else { return nil }
                out.append(UInt8(value))
            case UInt8(ascii: "u"):
                guard appendScalar(digits(text, &index, 4, radix: 16), &out) else { return nil }
            case UInt8(ascii: "U"):
                guard appendScalar(digits(text, &index, 8, radix: 16), &out) else { return nil }
            case UInt8(ascii: "0")...UInt8(ascii: "7"):
                index -= 1
                guard let value = digits(text, &index, 3, radix: 8), value < 256 else { return nil }
                out.append(UInt8(value))
            default: return nil
            }
        }
        return out
    }

    private static func digits(_ text: ArraySlice<UInt8>, _ index: inout Int, _ count: Int, radix: Int) -> UInt32? {
        guard index + count <= text.endIndex else { return nil }
        defer { index += count }
        return UInt32(String(decoding: text[index..<index + count], as: UTF8.self), radix: radix)
    }

    private static func appendScalar(_ value: UInt32?, _ out: inout [UInt8]) -> Bool {
        guard let value, let scalar = Unicode.Scalar(value) else { return false }
        out.append(contentsOf: String(scalar).utf8)
        return true
    }
}
