import MartletCore

/// Cuts LogQL text into tokens.
struct Lexer {
    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    private var column = 1
    private var tokens: [Token] = []

    /// All tokens of `text`, the end included.
    static func tokens(_ text: String) throws(LogQueryError) -> [Token] {
        var lexer = Lexer(bytes: Array(text.utf8))
        try lexer.run()
        return lexer.tokens
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private static let symbols = [
        "=~", "!=", "!~", "|=", "|~", "|>", "!>", ">=", "<=", "==", "{", "}", "(", ")", ",", "=", "|", ">", "<", "+",
        "-",
        "*", "/", "%", "^",
    ].map { Array($0.utf8) }

    private mutating func run() throws(LogQueryError) {
        while true {
            skipBlanks()
            guard index < bytes.count else { break }
            try next()
        }
        emit(.end, from: index)
    }

    private mutating func next() throws(LogQueryError) {
        let start = index
        let byte = bytes[index]
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "`"): try string(byte)
        case UInt8(ascii: "["): try range()
        case UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        case UInt8(ascii: ".") where index + 1 < bytes.count && Self.isDigit(bytes[index + 1]): try number()
        case UInt8(ascii: "-")
        where index + 2 < bytes.count && bytes[index + 1] == byte && Self.isLetter(bytes[index + 2]):
            var end = index + 2
            while end < bytes.count, Self.isLetter(bytes[end]) || bytes[end] == UInt8(ascii: "-") { end += 1 }
            emit(.flag(text(start..<end)), to: end, isPlain: false)
        case _ where Self.isLetter(byte):
            var end = index + 1
            while end < bytes.count, Self.isLetter(bytes[end]) || Self.isDigit(bytes[end]) { end += 1 }
            emit(identifier(text(start..<end), end), to: end)
        default:
            guard let symbol = Self.symbols.first(where: { bytes[index...].starts(with: $0) }) else {
                let (scalar, _) = bytes.withUnsafeBytes { GoQuote.scalar(in: $0, at: index) } ?? ("\u{FFFD}", 1)
                throw syntax("syntax error: unexpected character '\(scalar)'")
            }
            emit(
                .symbol(text(start..<start + symbol.count)), to: start + symbol.count, isPlain: symbol.count == 1)
        }
    }

    private mutating func skipBlanks() {
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\n"):
                index += 1
                line += 1
                column = 1
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): advance(to: index + 1)
            case UInt8(ascii: "#"):
                var end = index
                while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
                advance(to: end)
            default: return
            }
        }
    }

    // MARK: Kinds

    private mutating func string(_ quote: UInt8) throws(LogQueryError) {
        let start = index
        var end = index + 1
        let isRaw = quote == UInt8(ascii: "`")
        while end < bytes.count, bytes[end] != quote {
            if !isRaw {
                if bytes[end] == UInt8(ascii: "\n") { throw syntax("literal not terminated") }
                if bytes[end] == UInt8(ascii: "\\") { end += 1 }
            }
            end += 1
        }
        guard end < bytes.count else { throw syntax("literal not terminated") }
        let inside = bytes[(start + 1)..<end]
        if isRaw {
            emit(.string(String(decoding: inside.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)), to: end + 1)
        } else {
            guard let value = try? GoQuote.unquote(inside: inside, quote: quote) else {
                throw syntax("invalid char escape")
            }
            emit(.string(String(decoding: value, as: UTF8.self)), to: end + 1)
        }
    }

    private mutating func range() throws(LogQueryError) {
        let start = index
        guard let close = bytes[start...].firstIndex(of: UInt8(ascii: "]")) else {
            throw range("missing closing ']' in duration")
        }
        let inside = text((start + 1)..<close)
        guard let duration = QueryDuration.parse(inside) else { throw range(QueryDuration.complaint(inside)) }
        guard duration > 0 else { throw range("duration must be greater than 0") }
        emit(.range(duration), to: close + 1, isPlain: false)
    }

    private func range(_ message: String) -> LogQueryError { .syntax(message, line: 0, column: column) }

    /// A function's name only before its arguments or their grouping; else it may be a label's.
    private func identifier(_ name: String, _ end: Int) -> Token.Kind {
        guard let token = Token.functions[name.lowercased()] else { return .identifier(name) }
        var rest = bytes[end...].drop(while: Self.isBlank)
        for word in ["by", "without"] {
            let head = rest.prefix(word.utf8.count)
            guard String(decoding: head, as: UTF8.self).lowercased() == word else { continue }
            rest = rest.dropFirst(word.utf8.count).drop(while: Self.isBlank)
        }
        return rest.first == UInt8(ascii: "(") ? .function(name, token: token) : .identifier(name)
    }

    private mutating func number() throws(LogQueryError) {
        let start = index
        var end = index
        while end < bytes.count,
            Self.isDigit(bytes[end]) || Self.isLetter(bytes[end]) || bytes[end] == UInt8(ascii: ".")
        {
            let isExponent =
                (bytes[end] | 0x20) == UInt8(ascii: "e") && end + 1 < bytes.count
                && (bytes[end + 1] == UInt8(ascii: "-") || bytes[end + 1] == UInt8(ascii: "+"))
                && bytes[start..<end].allSatisfy { Self.isDigit($0) || $0 == UInt8(ascii: ".") }
            end += isExponent ? 2 : 1
        }
        // A unit may be written with a micro sign.
        if end + 2 < bytes.count, bytes[end] == 0xC2, bytes[end + 1] == 0xB5, bytes[end + 2] == UInt8(ascii: "s") {
            end += 3
        }
        let word = text(start..<end)
        if Self.hasPrefix(word) {
            throw .parse(
                "unable to parse literal as a float: strconv.ParseFloat: parsing \(GoQuote.quote(word)): invalid syntax"
            )
        } else if let value = Double(word) {
            emit(.number(value), to: end)
        } else if let duration = QueryDuration.parse(word) {
            emit(.duration(duration), to: end, isPlain: false)
        } else if let size = QueryBytes.parse(word) {
            emit(.bytes(size), to: end, isPlain: false)
        } else {
            // Something else begins behind the digits.
            var digits = start
            while digits < end, Self.isDigit(bytes[digits]) || bytes[digits] == UInt8(ascii: ".") { digits += 1 }
            guard let value = Double(text(start..<digits)) else {
                throw syntax("bad number \(GoQuote.quote(text(start..<digits)))")
            }
            emit(.number(value), to: digits)
        }
    }

    /// Go's scanner takes hexadecimal, octal and binary numbers, which are then no floating-point ones unless they have a
    /// binary exponent.
    private static func hasPrefix(_ word: String) -> Bool {
        let lower = word.lowercased()
        return ["0x", "0o", "0b"].contains { lower.hasPrefix($0) } && lower.utf8.count > 2
            && !(lower.hasPrefix("0x") && lower.contains("p"))
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
            || byte == UInt8(ascii: "\r")
    }

    // MARK: Places

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private func syntax(_ message: String) -> LogQueryError { .syntax(message, line: line, column: column) }

    private mutating func emit(_ kind: Token.Kind, to end: Int, isPlain: Bool = true) {
        tokens.append(Token(kind: kind, text: text(index..<end), line: isPlain ? line : 0, column: column))
        advance(to: end)
    }

    private mutating func emit(_ kind: Token.Kind, from end: Int) { emit(kind, to: end) }

    /// Moves on, counting lines and characters.
    private mutating func advance(to end: Int) {
        while index < end {
            if bytes[index] == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if bytes[index] & 0xC0 != 0x80 {
                column += 1
            }
            index += 1
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z") || byte == UInt8(ascii: "_")
    }
}
