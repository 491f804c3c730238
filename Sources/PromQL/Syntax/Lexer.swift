import MartletCore

/// Cuts a query into tokens.
struct Lexer {
    let bytes: [UInt8]
    private var index = 0
    private var braceOpen = false
    private var bracketOpen = false
    private var sawColon = false
    private var parenDepth = 0

    static let keywords: Set<String> = [
        "offset", "smoothed", "anchored", "by", "without", "on", "ignoring", "group_left", "group_right", "bool",
        "start",
        "end", "step", "range", "fill", "fill_left", "fill_right",
    ]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// All tokens, the last being `.end`.
    static func tokens(of bytes: [UInt8]) throws(ParseError) -> [Token] {
        var lexer = Lexer(bytes)
        var tokens: [Token] = []
        while true {
            let token = try lexer.next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    private mutating func next() throws(ParseError) -> Token {
        skipBlanksAndComments()
        guard index < bytes.count else {
            if braceOpen { throw fail("unexpected end of input inside braces", index..<index) }
            if bracketOpen { throw fail("unclosed left bracket", index..<index) }
            if parenDepth > 0 { throw fail("unclosed left parenthesis", index..<index) }
            return Token(kind: .end, range: index..<index, text: "")
        }
        let byte = bytes[index]
        switch byte {
        case UInt8(ascii: "("):
            parenDepth += 1
            return take(.leftParen, 1)
        case UInt8(ascii: ")"):
            parenDepth -= 1
            if parenDepth < 0 { throw fail("unexpected right parenthesis ')'", index..<index + 1) }
            return take(.rightParen, 1)
        case UInt8(ascii: "{"):
            if braceOpen { throw fail("unexpected left brace '{'", index..<index + 1) }
            braceOpen = true
            return take(.leftBrace, 1)
        case UInt8(ascii: "}"):
            if !braceOpen { throw fail("unexpected character: '}'", index..<index + 1) }
            braceOpen = false
            return take(.rightBrace, 1)
        case UInt8(ascii: "["):
            if bracketOpen { throw fail("unexpected left bracket '['", index..<index + 1) }
            bracketOpen = true
            sawColon = false
            return take(.leftBracket, 1)
        case UInt8(ascii: "]"):
            if !bracketOpen { throw fail("unexpected right bracket ']'", index..<index + 1) }
            bracketOpen = false
            return take(.rightBracket, 1)
        case UInt8(ascii: ","): return take(.comma, 1)
        case UInt8(ascii: "@"): return take(.at, 1)
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): return try quoted(byte)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "."):
            if isDigit(index + 1) { return try number() }
        case UInt8(ascii: ":") where bracketOpen:
            if sawColon { throw fail("unexpected colon ':'", index..<index + 1) }
            sawColon = true
            return take(.colon, 1)
        default: break
        }
        if isWordStart(byte) { return word() }
        return try symbol(byte)
    }

    private mutating func symbol(_ byte: UInt8) throws(ParseError) -> Token {
        let following = index + 1 < bytes.count ? bytes[index + 1] : 0
        switch (byte, following) {
        case (UInt8(ascii: "="), UInt8(ascii: "~")): return take(.matchRegex, 2)
        case (UInt8(ascii: "!"), UInt8(ascii: "~")): return take(.matchNotRegex, 2)
        case (UInt8(ascii: "="), UInt8(ascii: "=")) where !braceOpen: return take(.operation(.equal), 2)
        case (UInt8(ascii: "="), _): return take(.assign, 1)
        case (UInt8(ascii: "!"), UInt8(ascii: "=")): return take(.operation(.notEqual), 2)
        case (UInt8(ascii: "<"), UInt8(ascii: "=")): return take(.operation(.lessOrEqual), 2)
        case (UInt8(ascii: "<"), UInt8(ascii: "/")), (UInt8(ascii: ">"), UInt8(ascii: "/")): return take(.trim, 2)
        case (UInt8(ascii: "<"), _): return take(.operation(.less), 1)
        case (UInt8(ascii: ">"), UInt8(ascii: "=")): return take(.operation(.greaterOrEqual), 2)
        case (UInt8(ascii: ">"), _): return take(.operation(.greater), 1)
        case (UInt8(ascii: "+"), _): return take(.operation(.add), 1)
        case (UInt8(ascii: "-"), _): return take(.operation(.subtract), 1)
        case (UInt8(ascii: "*"), _): return take(.operation(.multiply), 1)
        case (UInt8(ascii: "/"), _): return take(.operation(.divide), 1)
        case (UInt8(ascii: "%"), _): return take(.operation(.modulo), 1)
        case (UInt8(ascii: "^"), _): return take(.operation(.power), 1)
        case (UInt8(ascii: "!"), _):
            let text = index + 1 < bytes.count ? character(index + 1) : "end of input"
            throw fail("unexpected character after '!': \(text)", index..<index + 1)
        default:
            let place = braceOpen ? " inside braces" : ""
            throw fail("unexpected character\(place): \(character(index))", index..<index + 1)
        }
    }

    private mutating func word() -> Token {
        let start = index
        var hasColon = false
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: ":") {
                // A colon inside brackets separates range and step.
                if bracketOpen { break }
                hasColon = true
            } else if !isWordStart(bytes[index]), !isDigit(index) {
                break
            }
            index += 1
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        let range = start..<index
        if hasColon { return Token(kind: .metricIdentifier, range: range, text: text) }
        // Inside braces words are label names, whatever they spell.
        if braceOpen { return Token(kind: .identifier, range: range, text: text) }
        let lower = text.lowercased()
        if let operation = BinaryOperator(rawValue: lower) {
            return Token(kind: .operation(operation), range: range, text: lower)
        }
        if let aggregation = AggregationOperator(rawValue: lower) {
            return Token(kind: .aggregation(aggregation), range: range, text: lower)
        }
        if Lexer.keywords.contains(lower) { return Token(kind: .keyword, range: range, text: text) }
        if lower == "inf" || lower == "nan" { return Token(kind: .number, range: range, text: text) }
        return Token(kind: .identifier, range: range, text: text)
    }

    /// A number or a duration: digits that end in a unit are the latter.
    private mutating func number() throws(ParseError) -> Token {
        let start = index
        let isHex =
            bytes[index] == UInt8(ascii: "0") && index + 1 < bytes.count
            && bytes[index + 1] | 0x20 == UInt8(ascii: "x")
        if isHex { index += 2 }
        var isPlain = true
        scanDigits(hex: isHex)
        if !isHex {
            if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
                isPlain = false
                index += 1
                scanDigits(hex: false)
            }
            if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
                let signed =
                    index + 1 < bytes.count
                    && (bytes[index + 1] == UInt8(ascii: "+") || bytes[index + 1] == UInt8(ascii: "-"))
                if isDigit(index + (signed ? 2 : 1)) {
                    isPlain = false
                    index += signed ? 2 : 1
                    scanDigits(hex: false)
                }
            }
        }
        var kind = Token.Kind.number
        if index < bytes.count, isWordStart(bytes[index]) || isDigit(index) {
            while index < bytes.count, isWordStart(bytes[index]) || isDigit(index) { index += 1 }
            let text = String(decoding: bytes[start..<index], as: UTF8.self)
            guard isPlain, !isHex, (try? PrometheusDuration.parse(text)) != nil else {
                throw fail("bad number or duration syntax: \(GoQuote.quote(text))", start..<index)
            }
            kind = .duration
        }
        return Token(kind: kind, range: start..<index, text: String(decoding: bytes[start..<index], as: UTF8.self))
    }

    /// Digits with single underscores between them.
    private mutating func scanDigits(hex: Bool) {
        while index < bytes.count {
            let byte = bytes[index]
            let isHexLetter = (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "f")
            if isDigit(index) || (hex && isHexLetter) {
                index += 1
            } else if byte == UInt8(ascii: "_"), index > 0, isDigit(index - 1) || hex,
                isDigit(index + 1) || hex
            {
                index += 1
            } else {
                return
            }
        }
    }

    private mutating func quoted(_ quote: UInt8) throws(ParseError) -> Token {
        let start = index
        index += 1
        while index < bytes.count {
            let byte = bytes[index]
            if byte == quote {
                index += 1
                return Token(
                    kind: .string, range: start..<index, text: String(decoding: bytes[start..<index], as: UTF8.self))
            }
            if quote != UInt8(ascii: "`") {
                if byte == UInt8(ascii: "\n") { break }
                if byte == UInt8(ascii: "\\") {
                    index += 1
                    try checkEscape(quote, start)
                }
            }
            index += 1
        }
        let kind = quote == UInt8(ascii: "`") ? "raw" : "quoted"
        throw fail("unterminated \(kind) string", start..<min(index, bytes.count))
    }

    /// Checks the character after a backslash.
    private func checkEscape(_ quote: UInt8, _ start: Int) throws(ParseError) {
        guard index < bytes.count else { return }
        let byte = bytes[index]
        if byte == quote || "abfnrtv\\01234567xuU".utf8.contains(byte) { return }
        let scalar = bytes.withUnsafeBytes { GoQuote.scalar(in: $0, at: index)?.0 } ?? "\u{fffd}"
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let padded = String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
        throw fail("unknown escape sequence U+\(padded) '\(Character(scalar))'", start..<index)
    }

    private mutating func skipBlanksAndComments() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0a, 0x0d: index += 1
            case UInt8(ascii: "#"):
                while index < bytes.count, bytes[index] != 0x0a { index += 1 }
            default: return
            }
        }
    }

    private mutating func take(_ kind: Token.Kind, _ count: Int) -> Token {
        let range = index..<index + count
        index += count
        return Token(kind: kind, range: range, text: String(decoding: bytes[range], as: UTF8.self))
    }

    private func isDigit(_ position: Int) -> Bool {
        position < bytes.count && bytes[position] >= UInt8(ascii: "0") && bytes[position] <= UInt8(ascii: "9")
    }

    private func isWordStart(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (byte == UInt8(ascii: ":") && !braceOpen && !bracketOpen)
            || ((byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z"))
    }

    /// A character in single quotes.
    private func character(_ position: Int) -> String {
        let scalar = bytes.withUnsafeBytes { GoQuote.scalar(in: $0, at: position)?.0 } ?? "\u{fffd}"
        return "'\(Character(scalar))'"
    }

    private func fail(_ message: String, _ range: Range<Int>) -> ParseError {
        ParseError(message, at: range, in: bytes)
    }
}
