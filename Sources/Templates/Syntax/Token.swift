import MartletCore

/// A token of the template language.
struct Token: Sendable {
    enum Kind: Sendable {
        /// Its text is the message.
        case error
        case bool, character, characterConstant, complex, assign, declare, end, field, identifier, leftDelimiter
        case leftParenthesis, number, pipe, rawString, rightDelimiter, rightParenthesis, space, string, text, variable
        case dot, `nil`
        case keyword(Keyword)
    }

    enum Keyword: String, Sendable {
        case block, `break`, `continue`, define, `else`, end, `if`, range, template, with
    }

    let kind: Kind
    /// Offset of its first byte.
    let position: Int
    let text: ArraySlice<UInt8>
    /// Of its first byte, from 1.
    let line: Int

    var string: String { String(decoding: text, as: UTF8.self) }

    func isKeyword(_ keyword: Keyword) -> Bool {
        if case .keyword(keyword) = kind { return true }
        return false
    }

    var isEnd: Bool { if case .end = kind { true } else { false } }
    var isSpace: Bool { if case .space = kind { true } else { false } }
    var isError: Bool { if case .error = kind { true } else { false } }
    var isRightDelimiter: Bool { if case .rightDelimiter = kind { true } else { false } }
    var isLeftDelimiter: Bool { if case .leftDelimiter = kind { true } else { false } }
    var isRightParenthesis: Bool { if case .rightParenthesis = kind { true } else { false } }
    var isVariable: Bool { if case .variable = kind { true } else { false } }
    var isField: Bool { if case .field = kind { true } else { false } }

    /// How messages name it.
    var described: String {
        switch kind {
        case .end: return "EOF"
        case .error: return string
        case .dot, .nil, .keyword: return "<\(string)>"
        default:
            guard text.count > 10 else { return GoQuote.quote(string) }
            let start = String(String.UnicodeScalarView(string.unicodeScalars.prefix(10)))
            return GoQuote.quote(start) + "..."
        }
    }
}
