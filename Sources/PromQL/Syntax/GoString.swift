/// Go's string literals.
enum GoString {
    /// The bytes a quoted literal (quotes included) stands for; nil and a reason when an escape is wrong.
    static func unquote(_ literal: ArraySlice<UInt8>) -> Result<[UInt8], EscapeError> {
        guard literal.count >= 2, let quote = literal.first else {
            return .failure(EscapeError(reason: "invalid syntax"))
        }
        let inner = literal.dropFirst().dropLast()
        if quote == UInt8(ascii: "`") { return .success(Array(inner)) }
        var out: [UInt8] = []
        var index = inner.startIndex
        while index < inner.endIndex {
            guard inner[index] == UInt8(ascii: "\\") else {
                out.append(inner[index])
                index += 1
                continue
            }
            guard index + 1 < inner.endIndex, let length = escape(inner, index + 1, quote, &out) else {
                return .failure(EscapeError(reason: "invalid syntax"))
            }
            index += 1 + length
        }
        return .success(out)
    }

    struct EscapeError: Error {
        let reason: String
    }

    /// Appends what the escape after a backslash stands for; its length, or nil when it is none.
    private static func escape(
        _ text: ArraySlice<UInt8>, _ index: Int, _ quote: UInt8, _ out: inout [UInt8]
    ) -> Int? {
        switch text[index] {
        case UInt8(ascii: "a"): out.append(7)
        case UInt8(ascii: "b"): out.append(8)
        case UInt8(ascii: "f"): out.append(12)
        case UInt8(ascii: "n"): out.append(10)
        case UInt8(ascii: "r"): out.append(13)
        case UInt8(ascii: "t"): out.append(9)
        case UInt8(ascii: "v"): out.append(11)
        case UInt8(ascii: "\\"): out.append(UInt8(ascii: "\\"))
        case quote: out.append(quote)
        case UInt8(ascii: "x"):
            guard let value = number(text, index + 1, 2, base: 16) else { return nil }
            out.append(UInt8(value))
            return 3
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let digits = text[index] == UInt8(ascii: "u") ? 4 : 8
            guard let value = number(text, index + 1, digits, base: 16), let scalar = Unicode.Scalar(value),
                let encoded = Unicode.UTF8.encode(scalar)
            else { return nil }
            out.append(contentsOf: encoded)
            return digits + 1
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            guard let value = number(text, index, 3, base: 8), value < 256 else { return nil }
            out.append(UInt8(value))
            return 3
        default: return nil
        }
        return 1
    }

    private static func number(_ text: ArraySlice<UInt8>, _ start: Int, _ count: Int, base: UInt32) -> UInt32? {
        guard start + count <= text.endIndex else { return nil }
        var value: UInt32 = 0
        for byte in text[start..<start + count] {
            let digit: UInt32
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = UInt32(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
            guard digit < base else { return nil }
            value = value &* base &+ digit
        }
        return value
    }
}
