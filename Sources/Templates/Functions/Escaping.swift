import MartletCore

/// Text made safe for HTML, JavaScript and URLs, as Go does it.
package enum Escaping {
    static func html(_ text: String) -> String {
        var out: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0: out += "\u{FFFD}".utf8
            case UInt8(ascii: "\""): out += "&#34;".utf8
            case UInt8(ascii: "'"): out += "&#39;".utf8
            case UInt8(ascii: "&"): out += "&amp;".utf8
            case UInt8(ascii: "<"): out += "&lt;".utf8
            case UInt8(ascii: ">"): out += "&gt;".utf8
            default: out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    static func javaScript(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": out += "\\\\"
            case "'": out += "\\'"
            case "\"": out += "\\\""
            case "<", ">", "&", "=": out += code(scalar)
            default:
                if scalar.value < 0x20 || scalar.value >= 0x80 && !isPrintable(scalar) {
                    out += code(scalar)
                } else {
                    out.unicodeScalars.append(scalar)
                }
            }
        }
        return out
    }

    /// Everything but letters, digits and `-_.~` as `%XX`; a blank as `+`.
    package static func urlQuery(_ text: String) -> String {
        // A plus of the text is encoded, so that those which are left are blanks.
        let encoded = PercentEncoding.encode(text) { PercentEncoding.isUnreserved($0) || $0 == UInt8(ascii: " ") }
        return String(encoded.map { $0 == " " ? "+" : $0 })
    }

    /// What `urlQuery` made, undone.
    static func urlQueryDecoded(_ text: String) throws -> String {
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "+"): out.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                let digits = bytes[index...].dropFirst().prefix(2)
                guard digits.count == 2, let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16),
                    digits.first != UInt8(ascii: "+")
                else {
                    let shown = String(decoding: bytes[index...].prefix(3), as: UTF8.self)
                    throw TemplateFunctionError("invalid URL escape \(GoQuote.quote(shown))")
                }
                out.append(byte)
                index += 2
            default: out.append(bytes[index])
            }
            index += 1
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func code(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "\\u" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        // Go's quoting escapes what is not printable.
        GoQuote.quote(String(scalar)).unicodeScalars.count == 3
    }
}
