import MartletCore

/// Cuts a query into tokens, one at a time.
struct Lexer {
    /// What the text is at the current place.
    private enum Mode {
        case statement, braces
        /// Right behind a bracket, or an operator after it.
        case duration
    }

    let bytes: [UInt8]
    private(set) var index = 0
    private var mode = Mode.statement
    private var bracketOpen = false
    private var sawColon = false
    private var parenDepth = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The next token; `.end` and `.unreadable` ones are the last, and come again and again.
    mutating func next() -> Token {
        skipBlanksAndComments()
        guard index < bytes.count else { return end() }
        switch mode {
        case .statement: return statement()
        case .braces: return insideBraces()
        case .duration: return duration()
        }
    }

    private func end() -> Token {
        switch mode {
        case .braces: return unreadable("unexpected end of input inside braces")
        case .duration: return unreadable("unexpected end of input in duration expression")
        case .statement:
            if parenDepth > 0 { return unreadable("unclosed left parenthesis") }
            if bracketOpen { return unreadable("unclosed left bracket") }
            return Token(kind: .end, range: index..<index, text: "")
        }
    }

    // MARK: Modes

    private mutating func statement() -> Token {
        let byte = bytes[index]
        switch byte {
        case UInt8(ascii: "{"):
            mode = .braces
            return take(.leftBrace, 1)
        case UInt8(ascii: "["):
            if bracketOpen { return unreadable("unexpected left bracket '['") }
            bracketOpen = true
            sawColon = false
            mode = .duration
            return take(.leftBracket, 1)
        case UInt8(ascii: "]"):
            if !bracketOpen { return unreadable("unexpected right bracket ']'") }
            bracketOpen = false
            return take(.rightBracket, 1)
        case UInt8(ascii: "@"): return take(.at, 1)
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): return string(byte)
        case UInt8(ascii: "="):
            if following == UInt8(ascii: "=") { return take(.operation(.equal), 2) }
            if following == UInt8(ascii: "~") { return unreadable("unexpected character after '=': '~'") }
            return take(.assign, 1)
        case UInt8(ascii: "!"):
            if following == UInt8(ascii: "=") { return take(.operation(.notEqual), 2) }
            return unreadable("unexpected character after '!': \(character(index + 1))")
        case UInt8(ascii: "<"):
            if following == UInt8(ascii: "=") { return take(.operation(.lessOrEqual), 2) }
            return following == UInt8(ascii: "/") ? take(.operation(.trimUpper), 2) : take(.operation(.less), 1)
        case UInt8(ascii: ">"):
            if following == UInt8(ascii: "=") { return take(.operation(.greaterOrEqual), 2) }
            return following == UInt8(ascii: "/") ? take(.operation(.trimLower), 2) : take(.operation(.greater), 1)
        default: break
        }
        if startsNumber { return number() }
        if Lexer.isLetter(byte) || byte == UInt8(ascii: ":") {
            return bracketOpen ? wordInBrackets() : word()
        }
        return common() ?? unreadable("unexpected character: \(character(index))")
    }

    /// Behind a number in brackets: only a colon or what durations know.
    private mutating func wordInBrackets() -> Token {
        if bytes[index] == UInt8(ascii: ":") {
            if sawColon { return unreadable("unexpected colon ':'") }
            sawColon = true
            return take(.colon, 1)
        }
        if let keyword = durationKeyword() { return keyword }
        return unreadable("unexpected character: \(character(index)), expected ':'")
    }

    private mutating func duration() -> Token {
        switch bytes[index] {
        case UInt8(ascii: "]"):
            bracketOpen = false
            mode = .statement
            return take(.rightBracket, 1)
        case UInt8(ascii: ":"): return unreadable("unexpected colon before duration in duration expression")
        default: break
        }
        if startsNumber {
            mode = .statement
            return number()
        }
        if let token = durationKeyword() ?? common() { return token }
        return unreadable("unexpected character in duration expression: \(character(index))")
    }

    private mutating func insideBraces() -> Token {
        let byte = bytes[index]
        switch byte {
        case UInt8(ascii: ","): return take(.comma, 1)
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): return string(byte)
        case UInt8(ascii: "="): return following == UInt8(ascii: "~") ? take(.matchRegex, 2) : take(.assign, 1)
        case UInt8(ascii: "!"):
            if following == UInt8(ascii: "~") { return take(.matchNotRegex, 2) }
            if following == UInt8(ascii: "=") { return take(.operation(.notEqual), 2) }
            return unreadable("unexpected character after '!' inside braces: \(character(index + 1))")
        case UInt8(ascii: "{"): return unreadable("unexpected left brace '{'")
        case UInt8(ascii: "}"):
            mode = .statement
            return take(.rightBrace, 1)
        default: break
        }
        guard Lexer.isLetter(byte) else {
            return unreadable("unexpected character inside braces: \(character(index))")
        }
        // Words are label names here, whatever they spell.
        var length = 1
        while index + length < bytes.count, Lexer.isWordByte(bytes[index + length]) { length += 1 }
        return take(.identifier, length)
    }

    /// What queries and durations have in common.
    private mutating func common() -> Token? {
        switch bytes[index] {
        case UInt8(ascii: "("):
            parenDepth += 1
            return take(.leftParen, 1)
        case UInt8(ascii: ")"):
            parenDepth -= 1
            if parenDepth < 0 {
                index += 1
                return unreadable("unexpected right parenthesis ')'")
            }
            return take(.rightParen, 1)
        case UInt8(ascii: ","): return take(.comma, 1)
        case UInt8(ascii: "+"): return take(.operation(.add), 1)
        case UInt8(ascii: "-"): return take(.operation(.subtract), 1)
        case UInt8(ascii: "*"): return take(.operation(.multiply), 1)
        case UInt8(ascii: "/"): return take(.operation(.divide), 1)
        case UInt8(ascii: "%"): return take(.operation(.modulo), 1)
        case UInt8(ascii: "^"): return take(.operation(.power), 1)
        default: return nil
        }
    }

    // MARK: Words

    private mutating func word() -> Token {
        var length = 0
        var hasColon = false
        while index + length < bytes.count {
            let byte = bytes[index + length]
            if byte == UInt8(ascii: ":") { hasColon = true } else if !Lexer.isWordByte(byte) { break }
            length += 1
        }
        if hasColon { return take(.metricIdentifier, length) }
        let lower = String(decoding: bytes[index..<index + length], as: UTF8.self).lowercased()
        if let operation = BinaryOperator(rawValue: lower) { return named(.operation(operation), lower, length) }
        if let aggregation = AggregationOperator(rawValue: lower) {
            return named(.aggregation(aggregation), lower, length)
        }
        if let keyword = Keyword(rawValue: lower), !keyword.needsParenthesis || isParenthesis(after: index + length) {
            return named(.keyword(keyword), lower, length)
        }
        return take(lower == "inf" || lower == "nan" ? .number : .identifier, length)
    }

    private func isParenthesis(after position: Int) -> Bool {
        var position = position
        while position < bytes.count, Lexer.isBlank(bytes[position]) { position += 1 }
        return position < bytes.count && bytes[position] == UInt8(ascii: "(")
    }

    private mutating func durationKeyword() -> Token? {
        var length = 0
        while index + length < bytes.count, Lexer.isLetter(bytes[index + length]) { length += 1 }
        let lower = String(decoding: bytes[index..<index + length], as: UTF8.self).lowercased()
        guard let keyword = Keyword(rawValue: lower), keyword.isOfDurations else { return nil }
        return named(.keyword(keyword), lower, length)
    }

    // MARK: Steps

    private var following: UInt8? { index + 1 < bytes.count ? bytes[index + 1] : nil }

    private var startsNumber: Bool {
        let byte = bytes[index] == UInt8(ascii: ".") ? following : bytes[index]
        return byte.map(Lexer.isDigit) ?? false
    }

    private mutating func number() -> Token {
        var scanner = NumberScanner(bytes, at: index)
        let kind = scanner.scan()
        let range = index..<scanner.index
        guard let kind else {
            return unreadable("bad number or duration syntax: \(Parser.quote(Array(bytes[range])))")
        }
        return take(kind, range.count)
    }

    private mutating func string(_ quote: UInt8) -> Token {
        var scanner = StringScanner(bytes, at: index, quote: quote)
        if let problem = scanner.scan() { return unreadable(problem) }
        return take(.string, scanner.index - index)
    }

    private mutating func skipBlanksAndComments() {
        while index < bytes.count {
            if Lexer.isBlank(bytes[index]) {
                index += 1
            } else if bytes[index] == UInt8(ascii: "#"), mode != .duration {
                while index < bytes.count, bytes[index] != 0x0a, bytes[index] != 0x0d { index += 1 }
            } else {
                return
            }
        }
    }

    private mutating func take(_ kind: Token.Kind, _ count: Int) -> Token {
        named(kind, String(decoding: bytes[index..<index + count], as: UTF8.self), count)
    }

    private mutating func named(_ kind: Token.Kind, _ text: String, _ count: Int) -> Token {
        defer { index += count }
        return Token(kind: kind, range: index..<index + count, text: text)
    }

    private func unreadable(_ problem: String) -> Token {
        Token(kind: .unreadable, range: index..<bytes.count, text: problem)
    }

    // MARK: Characters

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    static func isLetter(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || ((byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z"))
    }

    static func isWordByte(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d }

    /// A character in single quotes.
    private func character(_ position: Int) -> String {
        // Go shows the end of the input as the replacement character.
        var scalar: Unicode.Scalar = "\u{fffd}"
        if position < bytes.count {
            scalar = bytes.withUnsafeBytes { GoQuote.scalar(in: $0, at: position)?.0 } ?? scalar
        }
        return GoQuote.quote(scalar)
    }
}
