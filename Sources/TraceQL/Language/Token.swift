/// One lexical unit of a query, with its place.
struct Token: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case end
        case openBrace, closeBrace, openParenthesis, closeParenthesis, comma, pipe
        /// `&& || = != =~ !~ > >= < <= + - * / % ^`, and the structural ones: by their text.
        case symbol(Symbol)
        case literal(Literal)
        case operand(Operand)
        /// A word that is neither literal nor operand: function names, `by`, `with`, hints.
        case word(String)
    }

    enum Symbol: String, Hashable, Sendable {
        case and = "&&", or = "||"
        case equal = "=", notEqual = "!=", regex = "=~", notRegex = "!~"
        case greater = ">", greaterOrEqual = ">=", less = "<", lessOrEqual = "<="
        case add = "+", subtract = "-", multiply = "*", divide = "/", modulo = "%", power = "^"
        case not = "!"
        case descendant = ">>", ancestor = "<<", tilde = "~"
        case notChild = "!>", notParent = "!<", notDescendant = "!>>", notAncestor = "!<<"
        case unionChild = "&>", unionParent = "&<", unionDescendant = "&>>", unionAncestor = "&<<", unionSibling = "&~"
    }

    let kind: Kind
    /// Byte offset of the first byte.
    let offset: Int
    /// Byte offset behind the last byte.
    let end: Int

    /// The token as a message names it.
    func text(in source: [UInt8]) -> String {
        kind == .end ? "end of query" : "\"\(String(decoding: source[offset..<end], as: UTF8.self))\""
    }
}

extension Token.Symbol {
    /// The operator of field expressions that the symbol stands for.
    var binary: BinaryOperator? { BinaryOperator(rawValue: rawValue) }

    /// The operator between spansets that the symbol stands for.
    var spanset: SpansetOperator? {
        switch self {
        case .and: .and
        case .or: .or
        case .greater: .structural(.child)
        case .less: .structural(.parent)
        case .descendant: .structural(.descendant)
        case .ancestor: .structural(.ancestor)
        case .tilde: .structural(.sibling)
        case .notChild: .negated(.child)
        case .notParent: .negated(.parent)
        case .notDescendant: .negated(.descendant)
        case .notAncestor: .negated(.ancestor)
        case .notRegex: .negated(.sibling)
        case .unionChild: .union(.child)
        case .unionParent: .union(.parent)
        case .unionDescendant: .union(.descendant)
        case .unionAncestor: .union(.ancestor)
        case .unionSibling: .union(.sibling)
        default: nil
        }
    }
}
