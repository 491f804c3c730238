import MartletCore

/// A number as it is written, and what it can stand for.
struct NumberLiteral: Sendable {
    let text: String
    /// Nil when it is no whole number of 64 bits.
    let int: Int64?
    let float: Double
    /// True when a place that takes any number sees a float.
    let isFloat: Bool

    /// Reads a number; the error is Go's text without its place.
    init(_ text: String) throws(TemplateError) {
        self.text = text
        let digits = text.filter { $0 != "_" }
        if let value = Self.integer(digits) {
            int = value
            float = Double(value)
            isFloat = false
            return
        }
        guard let value = Double(digits.hasPrefix(".") ? "0" + digits : digits), value.isFinite else {
            throw TemplateError("illegal number syntax: \(GoQuote.quote(text))")
        }
        guard text.contains(where: { ".eEpP".contains($0) }) else {
            throw TemplateError("integer overflow: \(GoQuote.quote(text))")
        }
        float = value
        int = Int64(exactly: value)
        isFloat = true
    }

    /// Reads a character constant, quotes included.
    init(character literal: ArraySlice<UInt8>) throws(TemplateError) {
        text = String(decoding: literal, as: UTF8.self)
        let inside = literal.dropFirst().dropLast()
        guard !inside.isEmpty, let bytes = try? GoQuote.unquote(inside: inside, quote: UInt8(ascii: "'")) else {
            throw TemplateError("invalid syntax")
        }
        let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
        guard scalars.count == 1, let scalar = scalars.first else {
            throw TemplateError("malformed character constant: \(text)")
        }
        int = Int64(scalar.value)
        float = Double(scalar.value)
        isFloat = false
    }

    private static func integer(_ digits: String) -> Int64? {
        var rest = Substring(digits)
        let isNegative = rest.hasPrefix("-")
        if isNegative || rest.hasPrefix("+") { rest = rest.dropFirst() }
        var radix = 10
        for (prefix, base) in [("0x", 16), ("0X", 16), ("0b", 2), ("0B", 2), ("0o", 8), ("0O", 8)]
        where rest.hasPrefix(prefix) {
            rest = rest.dropFirst(2)
            radix = base
        }
        if radix == 10, rest.utf8.count > 1, rest.hasPrefix("0") { radix = 8 }
        guard let first = rest.utf8.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "+") else { return nil }
        return Int64((isNegative ? "-" : "") + rest, radix: radix)
    }
}
