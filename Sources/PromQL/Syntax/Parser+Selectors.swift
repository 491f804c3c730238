import MartletCore

/// Selectors: names and matchers.
extension Parser {
    /// Reads a metric's name, matchers in braces, or both.
    mutating func selector() throws(ParseError) -> Expression.Selector {
        let start = current.range.lowerBound
        var name = ""
        if current.kind != .leftBrace { name = String(decoding: query[advance().range], as: UTF8.self) }
        var matchers: [Matcher] = []
        if take(.leftBrace) {
            while !take(.rightBrace) {
                try countElement()
                matchers.append(try matcher())
                if current.kind != .rightBrace { try expect(.comma, "label matching", "\",\" or \"}\"") }
            }
        }
        if !name.isEmpty { matchers.append(Matcher(equal: Labels.metricName, name)) }
        return Expression.Selector(
            name: name, matchers: matchers, offset: nil, at: nil, boundary: nil, range: start..<lastEnd)
    }

    private mutating func matcher() throws(ParseError) -> Matcher {
        let nameToken = current
        let name: String
        switch nameToken.kind {
        case .identifier: name = nameToken.text
        case .string: name = String(decoding: try unquoted(nameToken), as: UTF8.self)
        default: throw unexpected("label matching", "identifier or \"}\"")
        }
        advance()
        let kind: Matcher.Kind
        switch current.kind {
        case .assign: kind = .equal
        case .operation(.notEqual): kind = .notEqual
        case .matchRegex: kind = .regex
        case .matchNotRegex: kind = .notRegex
        default:
            // A quoted name alone is the metric's.
            if nameToken.kind == .string { return Matcher(equal: Labels.metricName, name) }
            throw unexpected("label matching", "label matching operator")
        }
        advance()
        let valueToken = current
        guard valueToken.kind == .string else { throw unexpected("label matching", "string") }
        advance()
        let value = String(decoding: try unquoted(valueToken), as: UTF8.self)
        do throws(RegexError) {
            return try Matcher(kind, name, value)
        } catch {
            throw fail(error.description, nameToken.range.lowerBound..<valueToken.range.upperBound)
        }
    }
}
