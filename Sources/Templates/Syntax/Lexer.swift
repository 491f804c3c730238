import MartletCore

/// Splits a template into tokens. An error is the last token; the parser comes upon it in its place.
struct Lexer {
    private enum State {
        case text, comment, inside, done
    }

    private let text: [UInt8]
    private var position = 0
    private var start = 0
    private var startLine = 1
    private var depth = 0
    private var tokens: [Token] = []

    static func tokens(_ text: [UInt8]) -> [Token] {
        var lexer = Lexer(text: text)
        var state = State.text
        while state != .done {
            switch state {
            case .text: state = lexer.plainText()
            case .comment: state = lexer.comment()
            case .inside: state = lexer.inside()
            case .done: break
            }
        }
        return lexer.tokens
    }

    private init(text: [UInt8]) {
        self.text = text
    }

    // MARK: Outside of actions

    private mutating func plainText() -> State {
        guard let open = find("{{", from: position) else {
            position = text.count
            if position > start { emit(.text) }
            emit(.end)
            return .done
        }
        var end = open
        if hasLeftTrimMarker(open + 2) {
            while end > start, Self.isSpace(text[end - 1]) { end -= 1 }
        }
        position = end
        if position > start { emit(.text) }
        position = open
        ignore()
        let marker = hasLeftTrimMarker(open + 2) ? 2 : 0
        position = open + 2
        if has("/*", at: position + marker) {
            position += marker
            ignore()
            return .comment
        }
        emit(.leftDelimiter)
        position += marker
        ignore()
        depth = 0
        return .inside
    }

    private mutating func comment() -> State {
        guard let close = find("*/", from: position + 2) else { return fail("unclosed comment") }
        position = close + 2
        guard let trims = rightDelimiter() else { return fail("comment ends before closing delimiter") }
        position += trims ? 4 : 2
        if trims { skipSpaces() }
        ignore()
        return .text
    }

    private mutating func closeAction(trims: Bool) -> State {
        if trims {
            position += 2
            ignore()
        }
        position += 2
        emit(.rightDelimiter)
        if trims {
            skipSpaces()
            ignore()
        }
        return .text
    }

    // MARK: Inside of actions

    private mutating func inside() -> State {
        if let trims = rightDelimiter() {
            return depth == 0 ? closeAction(trims: trims) : fail("unclosed left paren")
        }
        guard let (scalar, length) = scalar(at: position) else { return fail("unclosed action") }
        switch scalar {
        case " ", "\t", "\r", "\n": return spaces()
        case "=": take(1, .assign)
        case ":":
            guard has(":=", at: position) else { return fail("expected :=") }
            take(2, .declare)
        case "|": take(1, .pipe)
        case "\"": return quoted(.string, closing: UInt8(ascii: "\""), "unterminated quoted string")
        case "'": return quoted(.characterConstant, closing: UInt8(ascii: "'"), "unterminated character constant")
        case "`":
            guard let close = find("`", from: position + 1) else { return fail("unterminated raw quoted string") }
            position = close
            take(1, .rawString)
        case "$":
            position += 1
            return name(.variable, lone: .variable)
        case "." where position + 1 >= text.count || !Self.isDigit(text[position + 1]):
            position += 1
            return name(.field, lone: .dot)
        case ".", "+", "-", "0"..."9": return number()
        case "(":
            take(1, .leftParenthesis)
            depth += 1
        case ")":
            take(1, .rightParenthesis)
            depth -= 1
            if depth < 0 { return fail("unexpected right paren U+0029 ')'") }
        default:
            if Self.isAlphanumeric(scalar) { return identifier() }
            guard scalar.value < 0x7F, scalar.value >= 0x20 else {
                return fail("unrecognized character in action: \(Self.described(scalar))")
            }
            take(length, .character)
        }
        return .inside
    }

    private mutating func spaces() -> State {
        // A blank before a minus and the closing braces belongs to them.
        while position < text.count, Self.isSpace(text[position]) {
            if rightDelimiter() == true {
                if position > start { emit(.space) }
                return .inside
            }
            position += 1
        }
        emit(.space)
        return .inside
    }

    private mutating func identifier() -> State {
        skipAlphanumeric()
        if let problem = missingTerminator() { return fail(problem) }
        let word = String(decoding: text[start..<position], as: UTF8.self)
        if let keyword = Token.Keyword(rawValue: word) {
            emit(.keyword(keyword))
        } else {
            emit(word == "nil" ? .nil : word == "true" || word == "false" ? .bool : .identifier)
        }
        return .inside
    }

    /// What follows a dot or a dollar sign.
    private mutating func name(_ kind: Token.Kind, lone: Token.Kind) -> State {
        if missingTerminator() == nil {
            emit(lone)
            return .inside
        }
        skipAlphanumeric()
        if let problem = missingTerminator() { return fail(problem) }
        emit(kind)
        return .inside
    }

    private mutating func quoted(_ kind: Token.Kind, closing: UInt8, _ problem: String) -> State {
        position += 1
        while true {
            guard position < text.count, text[position] != 10 else { return fail(problem) }
            let byte = text[position]
            position += 1
            if byte == closing { break }
            if byte == UInt8(ascii: "\\") {
                guard position < text.count, text[position] != 10 else { return fail(problem) }
                position += 1
            }
        }
        emit(kind)
        return .inside
    }

    /// Not a perfect scanner: what it lets pass wrongly, the parser refuses.
    private mutating func number() -> State {
        guard scanNumber() else { return badNumber() }
        guard position < text.count, text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") else {
            emit(.number)
            return .inside
        }
        guard scanNumber(), text[position - 1] == UInt8(ascii: "i") else { return badNumber() }
        emit(.complex)
        return .inside
    }

    private mutating func badNumber() -> State {
        fail("bad number syntax: \(GoQuote.quote(String(decoding: text[start..<position], as: UTF8.self)))")
    }

    private mutating func scanNumber() -> Bool {
        accept("+-")
        var digits = "0123456789_"
        if accept("0") {
            if accept("xX") {
                digits = "0123456789abcdefABCDEF_"
            } else if accept("oO") {
                digits = "01234567_"
            } else if accept("bB") {
                digits = "01_"
            }
        }
        acceptRun(digits)
        if accept(".") { acceptRun(digits) }
        if digits.utf8.count == 11, accept("eE") {
            accept("+-")
            acceptRun("0123456789_")
        }
        if digits.utf8.count == 23, accept("pP") {
            accept("+-")
            acceptRun("0123456789_")
        }
        accept("i")
        if let (scalar, length) = scalar(at: position), Self.isAlphanumeric(scalar) {
            position += length
            return false
        }
        return true
    }

    // MARK: Pieces

    private mutating func take(_ count: Int, _ kind: Token.Kind) {
        position += count
        emit(kind)
    }

    private mutating func emit(_ kind: Token.Kind) {
        tokens.append(Token(kind: kind, position: start, text: text[start..<position], line: startLine))
        ignore()
    }

    private mutating func ignore() {
        for byte in text[start..<position] where byte == 10 { startLine += 1 }
        start = position
    }

    private mutating func fail(_ message: String) -> State {
        tokens.append(Token(kind: .error, position: start, text: Array(message.utf8)[...], line: startLine))
        return .done
    }

    @discardableResult
    private mutating func accept(_ set: String) -> Bool {
        guard position < text.count, set.utf8.contains(text[position]) else { return false }
        position += 1
        return true
    }

    private mutating func acceptRun(_ set: String) {
        while accept(set) {}
    }

    private mutating func skipSpaces() {
        while position < text.count, Self.isSpace(text[position]) { position += 1 }
    }

    private mutating func skipAlphanumeric() {
        while let (scalar, length) = scalar(at: position), Self.isAlphanumeric(scalar) { position += length }
    }

    /// What is wrong with the character after a name; nil when it may stand there.
    private func missingTerminator() -> String? {
        guard let (scalar, _) = scalar(at: position) else { return nil }
        switch scalar {
        case " ", "\t", "\r", "\n", ".", ",", "|", ":", ")", "(": return nil
        default: return has("}}", at: position) ? nil : "bad character \(Self.described(scalar))"
        }
    }

    /// Whether the closing braces are here, and whether a trim marker is before them.
    private func rightDelimiter() -> Bool? {
        if position + 1 < text.count, Self.isSpace(text[position]), has("-}}", at: position + 1) { return true }
        return has("}}", at: position) ? false : nil
    }

    private func hasLeftTrimMarker(_ index: Int) -> Bool {
        index + 1 < text.count && text[index] == UInt8(ascii: "-") && Self.isSpace(text[index + 1])
    }

    private func has(_ piece: StaticString, at index: Int) -> Bool {
        index + piece.utf8CodeUnitCount <= text.count
            && (0..<piece.utf8CodeUnitCount).allSatisfy { text[index + $0] == piece.utf8Start[$0] }
    }

    private func find(_ piece: StaticString, from index: Int) -> Int? {
        var index = index
        while index + piece.utf8CodeUnitCount <= text.count {
            if has(piece, at: index) { return index }
            index += 1
        }
        return nil
    }

    /// The character here and its length; U+FFFD for a byte that is none.
    private func scalar(at index: Int) -> (Unicode.Scalar, Int)? {
        guard index < text.count else { return nil }
        if text[index] < 0x80 { return (Unicode.Scalar(text[index]), 1) }
        return text.withUnsafeBytes { GoQuote.scalar(in: $0, at: index) } ?? ("\u{FFFD}", 1)
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "_" { return true }
        if scalar.value < 0x80 { return isDigit(UInt8(scalar.value)) || scalar.properties.isAlphabetic }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber:
            return true
        default: return false
        }
    }

    /// Go's `%#U`.
    private static func described(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
        return scalar.properties.generalCategory == .control ? code : "\(code) '\(scalar)'"
    }
}
