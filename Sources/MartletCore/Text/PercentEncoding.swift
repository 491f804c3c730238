/// Bytes of a text as `%` and two hexadecimal digits (RFC 3986).
package enum PercentEncoding {
    /// What stands for itself anywhere in a URL: letters, digits and `-._~`.
    package static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
        default: false
        }
    }

    /// A text in which only the bytes that `isKept` names stand for themselves.
    package static func encode(_ text: String, keeping isKept: (UInt8) -> Bool = PercentEncoding.isUnreserved) -> String
    {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in text.utf8 {
            if isKept(byte) {
                out.append(byte)
            } else {
                out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// What was encoded, with broken escapes as they are.
    /// - Parameter plusIsSpace: whether `+` is a blank, as in forms and queries.
    package static func decode(_ text: Substring.UTF8View, plusIsSpace: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text[...]
        while let byte = rest.popFirst() {
            if plusIsSpace, byte == UInt8(ascii: "+") {
                bytes.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), rest.count >= 2, let high = rest.first.flatMap(Hex.value(of:)),
                let low = rest.dropFirst().first.flatMap(Hex.value(of:))
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}
