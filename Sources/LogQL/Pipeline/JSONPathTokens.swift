import MartletCore

/// The words of a path of the `json` parser; a character that begins none ends them, as in Loki.
struct JSONPathTokens {
    enum Token {
        case field([UInt8])
        case string([UInt8])
        case index(Int)
        case dot, open, close

        /// What Loki's messages call it.
        var name: String {
            switch self {
            case .field: "FIELD"
            case .string: "STRING"
            case .index: "INDEX"
            case .dot: "DOT"
            case .open: "LSB"
            case .close: "RSB"
            }
        }
    }

    private let text: String
    private var rest: Substring.UTF8View
    private var last: Token?
    /// The character that begins no word.
    private(set) var stranger: Character?

    init(_ text: String) {
        self.text = text
        rest = text[...].utf8
    }

    /// The next word; nil at the end.
    mutating func next() -> Token? {
        last = nil
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\n") }
        guard stranger == nil, let first = rest.first else { return nil }
        switch first {
        case UInt8(ascii: "."): last = single(.dot)
        case UInt8(ascii: "["): last = single(.open)
        case UInt8(ascii: "]"): last = single(.close)
        case UInt8(ascii: "\""): last = quoted()
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            last = Int(String(Substring(take(while: Self.isDigit)))).map { .index($0) }
        case let byte where Self.isNamePart(byte): last = .field(Array(take(while: Self.isNamePart)))
        default: break
        }
        if last == nil { stranger = Substring(rest).first ?? "\"" }
        return last
    }

    private mutating func single(_ token: Token) -> Token {
        rest.removeFirst()
        return token
    }

    /// A text in quotes with Go's escapes; nil where it does not end, or has others.
    private mutating func quoted() -> Token? {
        var end = rest.index(after: rest.startIndex)
        while end < rest.endIndex, rest[end] != UInt8(ascii: "\"") {
            end = rest.index(after: end)
            if end < rest.endIndex, rest[rest.index(before: end)] == UInt8(ascii: "\\") { end = rest.index(after: end) }
        }
        guard end < rest.endIndex else { return nil }
        let inside = Array(rest[rest.startIndex..<end].dropFirst())
        guard let key = try? GoQuote.unquote(inside: inside[...]) else { return nil }
        rest = rest[rest.index(after: end)...]
        return .string(key)
    }

    private mutating func take(while belongs: (UInt8) -> Bool) -> Substring.UTF8View {
        let taken = rest.prefix(while: belongs)
        rest = rest[taken.endIndex...]
        return taken
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_") || isDigit(byte)
    }

    /// The error that the word read last, or the end, cannot stand where it does.
    func unexpected(_ expected: String?) -> LogQueryError {
        failure(
            "syntax error: unexpected \(last?.name ?? "$end")" + (expected.map { ", expecting \($0)" } ?? ""))
    }

    /// The error that the path is none, with the reason.
    func failure(_ reason: String) -> LogQueryError { .parse("cannot parse expression [\(text)]: \(reason)") }
}
