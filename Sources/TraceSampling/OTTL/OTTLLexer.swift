import MartletCore
import Wire

/// Cuts a condition into tokens.
struct OTTLLexer {
    private let text: [UInt8]
    private var position = 0

    /// Longest first.
    private static let symbols = [
        "==", "!=", "<=", ">=", "=>", "<", ">", "=", "+", "-", "*", "/", "(", ")", "[", "]", "{", "}", ",", ".", ":",
    ].map { Array($0.utf8) }

    private init(_ text: [UInt8]) {
        self.text = text
    }

    /// All tokens, with one for the end.
    static func tokens(_ text: [UInt8]) throws(OTTLError) -> [OTTLToken] {
        var lexer = OTTLLexer(text)
        var tokens: [OTTLToken] = []
        repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
        return tokens
    }

    /// The bytes that hexadecimal digits stand for; nil for what is none.
    static func bytes(hex digits: ArraySlice<UInt8>) -> [UInt8]? {
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: digits.startIndex, to: digits.endIndex, by: 2) {
            guard let high = Hex.value(of: digits[place]), let low = Hex.value(of: digits[place + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private func error(_ message: String, at offset: Int) -> OTTLError { OTTLError(message, at: offset, in: text) }

    private func byte(_ distance: Int = 0) -> UInt8? {
        position + distance < text.count ? text[position + distance] : nil
    }

    private mutating func next() throws(OTTLError) -> OTTLToken {
        while let byte = byte(), [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
        let start = position
        guard let first = byte() else { return OTTLToken(kind: .end, offset: start) }
        if first == UInt8(ascii: "\"") { return OTTLToken(kind: .text(try quoted()), offset: start) }
        if Self.isDigit(first) || (first == UInt8(ascii: ".") && byte(1).map(Self.isDigit) == true) {
            return OTTLToken(kind: try number(), offset: start)
        }
        if Self.isWord(first) {
            while let byte = byte(), Self.isWord(byte) || Self.isDigit(byte) { position += 1 }
            return OTTLToken(kind: .word(String(decoding: text[start..<position], as: UTF8.self)), offset: start)
        }
        for symbol in Self.symbols where text[start...].starts(with: symbol) {
            position += symbol.count
            return OTTLToken(kind: .symbol(String(decoding: symbol, as: UTF8.self)), offset: start)
        }
        let character = String(decoding: text[start...], as: UTF8.self).prefix(1)
        throw error("\"\(character)\" has no meaning here", at: start)
    }

    private mutating func quoted() throws(OTTLError) -> ByteString {
        let start = position
        position += 1
        while let byte = byte(), byte != UInt8(ascii: "\"") { position += byte == UInt8(ascii: "\\") ? 2 : 1 }
        guard position < text.count else { throw error("the text is not closed by \"", at: start) }
        position += 1
        do throws(GoEscape.Problem) {
            return ByteString(try GoQuote.unquote(inside: text[(start + 1)..<(position - 1)]))
        } catch {
            throw self.error(
                "the text has an escape that is none; a backslash is written \\\\ (escapes are Go's: \\n, \\t, \\x41, \\u00e9)",
                at: start)
        }
    }

    private mutating func number() throws(OTTLError) -> OTTLToken.Kind {
        let start = position
        if byte() == UInt8(ascii: "0"), byte(1) == UInt8(ascii: "x") {
            position += 2
            while let byte = byte(), Self.isWord(byte) || Self.isDigit(byte) { position += 1 }
            guard position > start + 2, let bytes = Self.bytes(hex: text[(start + 2)..<position]) else {
                throw error("bytes are 0x and an even number of hexadecimal digits", at: start)
            }
            return .bytes(ByteString(bytes))
        }
        var isWhole = true
        skipDigits()
        if byte() == UInt8(ascii: "."), byte(1).map(Self.isDigit) == true {
            isWhole = false
            position += 1
            skipDigits()
            if byte() == UInt8(ascii: "e") || byte() == UInt8(ascii: "E") {
                let hasSign = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-")
                guard byte(hasSign ? 2 : 1).map(Self.isDigit) == true else {
                    throw error("an exponent has digits", at: position)
                }
                position += hasSign ? 2 : 1
                skipDigits()
            }
        }
        if let byte = byte(), Self.isWord(byte) { throw error("a number ends before a letter", at: position) }
        let digits = String(decoding: text[start..<position], as: UTF8.self)
        if isWhole {
            guard let number = Int64(digits) else { throw error("\(digits) is beyond 64 bits", at: start) }
            return .int(number)
        }
        guard let number = Double(digits.hasPrefix(".") ? "0" + digits : digits) else {
            throw error("\(digits) is no number", at: start)
        }
        return .double(number)
    }

    private mutating func skipDigits() {
        while let byte = byte(), Self.isDigit(byte) { position += 1 }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isWord(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || byte == UInt8(ascii: "_")
    }
}
