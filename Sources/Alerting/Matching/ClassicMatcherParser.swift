package import MartletCore

/// The classic language: `name op value`, where the value may go without quotes; lists in braces, separated by commas
/// outside quotes.
package enum ClassicMatcherParser {
    /// One or more matchers.
    package static func list(_ text: String) throws(MatcherSyntaxError) -> [Matcher] {
        var body = trimmed(Array(text.utf8)[...])
        if body.first == 0x7B {
            guard body.last == 0x7D else { throw MatcherSyntaxError(reason: "bad matcher format: \(text)") }
            body = body.dropFirst().dropLast()
        } else if body.last == 0x7D {
            throw MatcherSyntaxError(reason: "bad matcher format: \(text)")
        }
        var matchers: [Matcher] = []
        for part in try split(body, text) {
            matchers.append(try one(part))
        }
        return matchers
    }

    private static func split(
        _ body: ArraySlice<UInt8>, _ text: String
    ) throws(MatcherSyntaxError) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var start = body.startIndex
        var quoted = false
        var escaped = false
        for index in body.indices {
            let byte = body[index]
            if escaped {
                escaped = false
            } else if byte == 0x5C {
                escaped = true
            } else if byte == 0x22 {
                quoted.toggle()
            } else if byte == 0x2C, !quoted {
                parts.append(body[start..<index])
                start = index + 1
            }
        }
        if quoted { throw MatcherSyntaxError(reason: "matcher value contains unescaped double quote: \(text)") }
        let last = body[start...]
        // A trailing comma is allowed.
        if !trimmed(last).isEmpty || parts.isEmpty { parts.append(last) }
        return parts
    }

    private static func one(_ raw: ArraySlice<UInt8>) throws(MatcherSyntaxError) -> Matcher {
        let text = trimmed(raw)
        let bad = MatcherSyntaxError(reason: "bad matcher format: \(String(decoding: raw, as: UTF8.self))")
        var at = text.startIndex
        while at < text.endIndex, isNameByte(text[at], first: at == text.startIndex) { at += 1 }
        let name = text[..<at]
        guard !name.isEmpty else { throw bad }
        var rest = trimmed(text[at...])
        let kind: Matcher.Kind
        if rest.starts(with: "=~".utf8) {
            kind = .regex
        } else if rest.starts(with: "!=".utf8) {
            kind = .notEqual
        } else if rest.starts(with: "!~".utf8) {
            kind = .notRegex
        } else if rest.starts(with: "=".utf8) {
            kind = .equal
        } else {
            throw bad
        }
        rest = trimmed(rest.dropFirst(kind == .equal ? 1 : 2))
        return try MatcherSyntax.make(
            kind, String(decoding: name, as: UTF8.self), try value(rest, String(decoding: raw, as: UTF8.self)))
    }

    /// Undoes `\"`, `\n` and `\\`; other backslashes stay, since they belong to regular expressions.
    private static func value(_ raw: ArraySlice<UInt8>, _ text: String) throws(MatcherSyntaxError) -> String {
        var body = raw
        var expectsQuote = false
        if body.first == 0x22 {
            body = body.dropFirst()
            expectsQuote = true
        }
        var bytes: [UInt8] = []
        var escaped = false
        for index in body.indices {
            let byte = body[index]
            if escaped {
                escaped = false
                switch byte {
                case 0x6E: bytes.append(0x0A)
                case 0x22, 0x5C: bytes.append(byte)
                default: bytes.append(contentsOf: [0x5C, byte])
                }
                continue
            }
            switch byte {
            case 0x5C:
                if index == body.endIndex - 1 { bytes.append(byte) } else { escaped = true }
            case 0x22:
                guard expectsQuote, index == body.endIndex - 1 else {
                    throw MatcherSyntaxError(reason: "matcher value contains unescaped double quote: \(text)")
                }
                expectsQuote = false
            default: bytes.append(byte)
            }
        }
        if expectsQuote { throw MatcherSyntaxError(reason: "matcher value contains unescaped double quote: \(text)") }
        guard let value = String(validating: bytes, as: UTF8.self) else {
            throw MatcherSyntaxError(reason: "matcher value not valid UTF-8: \(text)")
        }
        return value
    }

    private static func isNameByte(_ byte: UInt8, first: Bool) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, 0x5F, 0x3A: true
        case 0x30...0x39: !first
        default: false
        }
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text
        while let first = text.first, [0x20, 0x09, 0x0A, 0x0D].contains(first) { text = text.dropFirst() }
        while let last = text.last, [0x20, 0x09, 0x0A, 0x0D].contains(last) { text = text.dropLast() }
        return text
    }
}
