/// A query that somebody is still typing, as completion sends it: of its first `{ … }` what is whole counts.
package enum UnfinishedQuery {
    /// The condition of the first `{ … }`; nil when every span passes, or when the text cannot be read at all.
    ///
    /// A comparison without its right side counts as true, and braces that are open are closed: `{ .a = "x" && name = ` asks for
    /// `{ .a = "x" }`. Of any other mistake nothing is guessed, and every span passes, as with Tempo.
    package static func condition(_ text: String) -> FieldExpression? {
        guard
            let query = (try? Query(parsing: text)) ?? completed(Array(text.utf8)).flatMap({ try? Query(parsing: $0) }),
            case .pipeline(let stages) = query.root, case .spanset(.filter(let condition))? = stages.first
        else { return nil }
        return condition
    }

    /// The text with `true` for each comparison that lacks its right side, and closed braces.
    private static func completed(_ source: [UInt8]) -> String? {
        guard let tokens = try? tokens(source) else { return nil }
        var result: [UInt8] = []
        var copied = 0
        var open = 0
        // What comes behind is no condition.
        let end = tokens.firstIndex { $0.kind == .pipe } ?? tokens.count
        for (place, token) in tokens[..<end].enumerated() {
            switch token.kind {
            case .openBrace: open += 1
            case .closeBrace: open -= 1
            case .operand where isComparison(tokens, place + 1) && isEnd(tokens, place + 2):
                result += source[copied..<token.offset] + Array("true".utf8)
                copied = tokens[place + 1].end
            default: break
            }
        }
        result += source[copied...]
        if end == tokens.count, open > 0 { result += Array(String(repeating: " }", count: open).utf8) }
        return String(decoding: result, as: UTF8.self)
    }

    private static func tokens(_ source: [UInt8]) throws(TraceQLError) -> [Token] {
        var lexer = Lexer(source)
        var tokens: [Token] = []
        while true {
            let token = try lexer.next()
            if token.kind == .end { return tokens }
            tokens.append(token)
        }
    }

    private static func isComparison(_ tokens: [Token], _ place: Int) -> Bool {
        guard place < tokens.count, case .symbol(let symbol) = tokens[place].kind else { return false }
        switch symbol {
        case .equal, .notEqual, .regex, .notRegex, .greater, .greaterOrEqual, .less, .lessOrEqual: return true
        default: return false
        }
    }

    /// Whether nothing stands there that a comparison could have on its right.
    private static func isEnd(_ tokens: [Token], _ place: Int) -> Bool {
        guard place < tokens.count else { return true }
        switch tokens[place].kind {
        case .closeBrace, .closeParenthesis, .pipe, .symbol(.and), .symbol(.or): return true
        default: return false
        }
    }
}
