import MartletCore

/// Splits TraceQL text into tokens. Attribute names end at white space or one of `{}()=~!<>&|^,`, so `.a-b` is one name.
struct Lexer {
    let source: [UInt8]
    private(set) var position = 0

    init(_ source: [UInt8]) {
        self.source = source
    }

    /// Whether a byte may stand in an unquoted attribute name.
    static func isAttributeByte(_ byte: UInt8) -> Bool {
        if byte <= 0x20 || byte == 0x7F { return false }
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "="),
            UInt8(ascii: "~"),
            UInt8(ascii: "!"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), UInt8(ascii: "|"),
            UInt8(ascii: "^"),
            UInt8(ascii: ","):
            return false
        default:
            return true
        }
    }

    /// The next token; `.end` for ever behind the last one.
    mutating func next() throws(TraceQLError) -> Token {
        try skipBlanks()
        let start = position
        let kind = try scan()
        return Token(kind: kind, offset: start, end: position)
    }

    // MARK: Scanning

    private func peek(_ ahead: Int = 0) -> UInt8 {
        let index = position + ahead
        return index < source.count ? source[index] : 0
    }

    private func error(_ message: String, at offset: Int) -> TraceQLError {
        TraceQLError(.syntax, message, at: offset, in: source)
    }

    private mutating func skipBlanks() throws(TraceQLError) {
        while position < source.count {
            switch (peek(), peek(1)) {
            case (UInt8(ascii: " "), _), (UInt8(ascii: "\t"), _), (UInt8(ascii: "\r"), _), (UInt8(ascii: "\n"), _):
                position += 1
            case (UInt8(ascii: "/"), UInt8(ascii: "/")):
                while position < source.count, peek() != UInt8(ascii: "\n") { position += 1 }
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                let start = position
                position += 2
                while !(peek() == UInt8(ascii: "*") && peek(1) == UInt8(ascii: "/")) {
                    guard position < source.count else { throw error("comment is not closed", at: start) }
                    position += 1
                }
                position += 2
            default:
                return
            }
        }
    }

    private mutating func scan() throws(TraceQLError) -> Token.Kind {
        guard position < source.count else { return .end }
        let byte = peek()
        switch byte {
        case UInt8(ascii: "{"): return single(.openBrace)
        case UInt8(ascii: "}"): return single(.closeBrace)
        case UInt8(ascii: "("): return single(.openParenthesis)
        case UInt8(ascii: ")"): return single(.closeParenthesis)
        case UInt8(ascii: ","): return single(.comma)
        case UInt8(ascii: "\""): return .literal(.string(try quotedString()))
        case UInt8(ascii: "`"): return .literal(.string(try rawString()))
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "."):
            if Self.isDigit(peek(1)) { return try number() }
            position += 1
            return .operand(.attribute(.any, try attributeName()))
        default:
            if Self.isWordStart(byte) { return try word() }
            return try symbol()
        }
    }

    private mutating func single(_ kind: Token.Kind) -> Token.Kind {
        position += 1
        return kind
    }

    private mutating func symbol() throws(TraceQLError) -> Token.Kind {
        for length in [3, 2, 1] where position + length <= source.count {
            let text = String(decoding: source[position..<position + length], as: UTF8.self)
            if let symbol = Token.Symbol(rawValue: text) {
                position += length
                return .symbol(symbol)
            }
            if text == "|" {
                position += 1
                return .pipe
            }
        }
        throw error("unexpected character \"\(unexpectedCharacter())\"", at: position)
    }

    private func unexpectedCharacter() -> String {
        String(String(decoding: source[position..<min(position + 4, source.count)], as: UTF8.self).prefix(1))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func isWordStart(_ byte: UInt8) -> Bool {
        (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z") || byte == UInt8(ascii: "_")
    }

    // MARK: Words and attributes

    private mutating func plainWord() -> String {
        let start = position
        while Self.isWordStart(peek()) || Self.isDigit(peek()) { position += 1 }
        return String(decoding: source[start..<position], as: UTF8.self)
    }

    private mutating func word() throws(TraceQLError) -> Token.Kind {
        let start = position
        let text = plainWord()
        if peek() == UInt8(ascii: "."), text == "parent" {
            return .operand(try parentAttribute())
        }
        if peek() == UInt8(ascii: "."), !text.isEmpty, let scope = AttributeScope(rawValue: text) {
            position += 1
            return .operand(.attribute(scope, try attributeName()))
        }
        if peek() == UInt8(ascii: ":") {
            position += 1
            let spelling = text + ":" + plainWord()
            guard let intrinsic = Intrinsic(spelling: spelling) else {
                throw error("unknown intrinsic \"\(spelling)\"", at: start)
            }
            return .operand(.intrinsic(intrinsic))
        }
        if text == "parent" { return .operand(.parent(.any, "")) }
        if let intrinsic = Intrinsic(spelling: text) { return .operand(.intrinsic(intrinsic)) }
        if let literal = Self.keywordLiterals[text] { return .literal(literal) }
        return .word(text)
    }

    private static let keywordLiterals: [String: Literal] = {
        var table: [String: Literal] = [
            "true": .bool(true), "false": .bool(false), "nil": .nil, "minInt": .int(.min), "maxInt": .int(.max),
        ]
        for status in StatusCode.allCases { table[status.keyword] = .status(status) }
        for kind in SpanKindCode.allCases { table[kind.keyword] = .kind(kind) }
        return table
    }()

    private mutating func parentAttribute() throws(TraceQLError) -> Operand {
        position += 1
        for scope in AttributeScope.allCases where scope != .any {
            let prefix = Array((scope.rawValue + ".").utf8)
            if source[position...].starts(with: prefix) {
                position += prefix.count
                return .parent(scope, try attributeName())
            }
        }
        return .parent(.any, try attributeName())
    }

    /// The name behind a scope's dot: plain runs and quoted parts in any order.
    private mutating func attributeName() throws(TraceQLError) -> String {
        let start = position
        var name: [UInt8] = []
        while position < source.count {
            if peek() == UInt8(ascii: "\"") {
                let quote = position
                position += 1
                while peek() != UInt8(ascii: "\"") || position >= source.count {
                    guard position < source.count else { throw error("quoted attribute name is not closed", at: quote) }
                    if peek() == UInt8(ascii: "\\") {
                        position += 1
                        guard peek() == UInt8(ascii: "\"") || peek() == UInt8(ascii: "\\") else {
                            throw error("only \\\" and \\\\ may be escaped in an attribute name", at: position - 1)
                        }
                    }
                    name.append(peek())
                    position += 1
                }
                position += 1
            } else if Self.isAttributeByte(peek()) {
                name.append(peek())
                position += 1
            } else {
                break
            }
        }
        guard position > start, !name.isEmpty else { throw error("attribute name is missing", at: start) }
        guard let text = String(validating: name, as: UTF8.self) else {
            throw error("attribute name is not UTF-8", at: start)
        }
        return text
    }
}

// MARK: - Numbers, durations and strings

extension Lexer {
    private static let durationUnits: [(name: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
        ("d", 86_400e9), ("w", 604_800e9), ("y", 31_536_000e9),
    ]

    private mutating func number() throws(TraceQLError) -> Token.Kind {
        let start = position
        var text = digits()
        if position < source.count, let unit = durationUnit() {
            return .literal(.duration(try duration(first: text, unit: unit, start: start)))
        }
        var isFloat = text.contains(".")
        if peek() | 0x20 == UInt8(ascii: "e") {
            let sign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-") ? 1 : 0
            if Self.isDigit(peek(1 + sign)) {
                text += String(decoding: source[position...position + sign], as: UTF8.self)
                position += 1 + sign
                text += digits()
                isFloat = true
            }
        }
        guard !Self.isWordStart(peek()), peek() != UInt8(ascii: ".") else {
            throw error("\"\(text)\" is followed by what is neither a number nor a duration unit", at: start)
        }
        if isFloat {
            guard let value = Double(text), value.isFinite else {
                throw error("number \(text) is out of range", at: start)
            }
            return .literal(.float(value))
        }
        guard let value = Int64(text) else { throw error("integer \(text) does not fit in 64 bits", at: start) }
        return .literal(.int(value))
    }

    private mutating func digits() -> String {
        let start = position
        while Self.isDigit(peek())
            || (peek() == UInt8(ascii: ".") && !source[start..<position].contains(UInt8(ascii: ".")))
        {
            position += 1
        }
        return String(decoding: source[start..<position], as: UTF8.self)
    }

    private mutating func durationUnit() -> Double? {
        var best: (length: Int, nanoseconds: Double)?
        for unit in Self.durationUnits {
            let bytes = Array(unit.name.utf8)
            if source[position...].starts(with: bytes), bytes.count > (best?.length ?? 0) {
                best = (bytes.count, unit.nanoseconds)
            }
        }
        guard let best, !Self.isWordStart(peek(best.length)) else { return nil }
        position += best.length
        return best.nanoseconds
    }

    private mutating func duration(first: String, unit: Double, start: Int) throws(TraceQLError) -> Int64 {
        var total: Int64 = 0
        var text = first
        var scale = unit
        while true {
            // Whole numbers stay exact beyond 2^53; fractions go through a double.
            let part: Int64?
            if let whole = Int64(text) {
                let product = whole.multipliedReportingOverflow(by: Int64(scale))
                part = product.overflow ? nil : product.partialValue
            } else {
                part = Double(text).flatMap { Int64(exactly: ($0 * scale).rounded()) }
            }
            guard let part, !total.addingReportingOverflow(part).overflow else {
                throw error("duration does not fit in 64 bits of nanoseconds", at: start)
            }
            total += part
            guard position < source.count, Self.isDigit(peek()) else { return total }
            text = digits()
            guard let next = durationUnit() else { throw error("duration unit is missing after \(text)", at: position) }
            scale = next
        }
    }

    private mutating func rawString() throws(TraceQLError) -> String {
        let start = position
        position += 1
        let first = position
        while position < source.count, peek() != UInt8(ascii: "`") { position += 1 }
        guard position < source.count else { throw error("string is not closed", at: start) }
        position += 1
        guard let text = String(validating: source[first..<position - 1], as: UTF8.self) else {
            throw error("string is not UTF-8", at: start)
        }
        return text
    }

    private mutating func quotedString() throws(TraceQLError) -> String {
        let start = position
        position += 1
        var bytes: [UInt8] = []
        while true {
            guard position < source.count, peek() != UInt8(ascii: "\n") else {
                throw error("string is not closed", at: start)
            }
            let byte = peek()
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw error("string is not UTF-8", at: start)
                }
                return text
            case UInt8(ascii: "\\"):
                try escape(into: &bytes)
            default:
                bytes.append(byte)
            }
        }
    }

    /// One of Go's escapes in an interpreted string literal; the backslash is consumed.
    private mutating func escape(into bytes: inout [UInt8]) throws(TraceQLError) {
        let start = position - 1
        do throws(GoEscape.Problem) {
            try GoEscape.read(source, at: &position, quote: UInt8(ascii: "\""), into: &bytes)
        } catch {
            switch error {
            case .unterminated, .notADigit: throw self.error("incomplete escape in string", at: start)
            case .unknown: throw self.error("unknown escape in string", at: start)
            case .invalidCodePoint: throw self.error("escape is not a Unicode character", at: start)
            }
        }
    }
}
