import MartletCore

/// Literals, parentheses, calls and aggregations.
extension Parser {
    mutating func primary() throws(ParseError) -> Expression {
        let token = current
        switch token.kind {
        case .leftParen:
            advance()
            let inner = try expression(minimum: 1)
            try expect(.rightParen)
            return .parenthesised(inner, range: token.range.lowerBound..<lastEnd)
        case .number, .duration:
            advance()
            let value = try Parser.number(token, in: query)
            return .number(
                Expression.Number(value: value, isDuration: token.kind == .duration, range: token.range))
        case .string:
            advance()
            return .string(Expression.StringLiteral(bytes: try unquoted(token), range: token.range))
        case .aggregation(let operation):
            switch following.kind {
            case .leftParen, .keyword(.by), .keyword(.without): return try aggregate(operation)
            default: break
            }
        case .identifier where following.kind == .leftParen: return try call()
        case .keyword(let keyword) where keyword.isFunction && following.kind == .leftParen: return try call()
        default: break
        }
        guard token.isMetricName || token.kind == .leftBrace else { throw unexpected() }
        return .selector(try selector())
    }

    // MARK: Aggregations

    private mutating func aggregate(_ operation: AggregationOperator) throws(ParseError) -> Expression {
        let start = advance().range.lowerBound
        enter("aggregation")
        var grouping = try groupingClause()
        let arguments = try arguments()
        if grouping == nil { grouping = try groupingClause() }
        leave()
        let range = start..<lastEnd
        if arguments.isEmpty { throw fail("no arguments for aggregate expression provided", range) }
        let wanted = operation.parameterType == nil ? 1 : 2
        if operation.isExperimental, !options.experimentalFunctions {
            throw fail(
                "\(operation.rawValue)() is experimental and must be enabled with "
                    + "--enable-feature=promql-experimental-functions", range)
        }
        if arguments.count != wanted {
            throw fail(
                "wrong number of arguments for aggregate expression provided, expected \(wanted), "
                    + "got \(arguments.count)", range)
        }
        return .aggregate(
            Expression.Aggregate(
                operation: operation, expression: arguments[wanted - 1],
                parameter: wanted == 2 ? arguments[0] : nil, grouping: grouping?.labels ?? [],
                without: grouping?.without ?? false, range: range))
    }

    /// `by (…)` or `without (…)`, where one is there.
    private mutating func groupingClause() throws(ParseError) -> (labels: [String], without: Bool)? {
        guard isKeyword(.by) || isKeyword(.without) else { return nil }
        let without = isKeyword(.without)
        advance()
        return (try groupingLabels(), without)
    }

    mutating func groupingLabels() throws(ParseError) -> [String] {
        try expect(.leftParen, "grouping opts", "\"(\"")
        var labels: [String] = []
        while !take(.rightParen) {
            try countElement()
            let token = current
            if token.kind == .string {
                let bytes = try unquoted(token)
                let isValid = bytes.withUnsafeBytes { LabelName.isValid($0) }
                guard isValid else {
                    throw fail("invalid label name for grouping: \(Parser.quote(bytes))", token.range)
                }
                labels.append(String(decoding: bytes, as: UTF8.self))
            } else if token.isLabelName {
                labels.append(String(decoding: query[token.range], as: UTF8.self))
            } else {
                throw unexpected("grouping opts", "label")
            }
            advance()
            if current.kind != .rightParen { try expect(.comma, "grouping opts", "\",\" or \")\"") }
        }
        return labels
    }

    // MARK: Calls

    private mutating func call() throws(ParseError) -> Expression {
        let token = advance()
        let arguments = try arguments()
        let name = String(decoding: query[token.range], as: UTF8.self)
        guard let function = Function.all[name] else {
            throw fail("unknown function with name \(GoQuote.quote(name))", token.range)
        }
        if function.isExperimental, !options.experimentalFunctions {
            throw fail("function \(GoQuote.quote(name)) is not enabled", token.range)
        }
        return .call(
            Expression.Call(
                function: function, arguments: arguments, range: token.range.lowerBound..<lastEnd))
    }

    private mutating func arguments() throws(ParseError) -> [Expression] {
        try expect(.leftParen)
        var arguments: [Expression] = []
        if take(.rightParen) { return arguments }
        while true {
            try countElement()
            arguments.append(try expression(minimum: 1))
            if take(.rightParen) { return arguments }
            let comma = current.range
            try expect(.comma)
            if !current.beginsExpression {
                throw fail("trailing commas not allowed in function call args", comma)
            }
        }
    }

    // MARK: Literals

    func unquoted(_ token: Token) throws(ParseError) -> [UInt8] {
        let literal = query[token.range]
        let inside = literal.dropFirst().dropLast()
        guard let quote = literal.first, quote != UInt8(ascii: "`") else { return Array(inside) }
        do throws(GoEscape.Problem) {
            return try GoQuote.unquote(inside: inside, quote: quote)
        } catch {
            throw fail("error unquoting string \(Parser.quote(Array(literal))): invalid syntax", token.range)
        }
    }

    static func quote(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        bytes.withUnsafeBytes { GoQuote.append($0, to: &out) }
        return String(decoding: out, as: UTF8.self)
    }

    /// The value of a number or duration token; durations are seconds.
    static func number(_ token: Token, in query: [UInt8]) throws(ParseError) -> Double {
        if token.kind == .duration {
            do throws(DurationError) {
                return Double(try PrometheusDuration.parse(token.text)) / 1000
            } catch {
                throw ParseError(error.description, at: token.range, in: query)
            }
        }
        let text = token.text.filter { $0 != "_" }.lowercased()
        switch text {
        case "inf": return .infinity
        case "nan": return .nan
        default: break
        }
        if text.utf8.count < token.text.utf8.count, !separatesDigits(token.text) {
            throw ParseError(
                "error parsing number: strconv.ParseFloat: parsing \(GoQuote.quote(token.text)): invalid syntax",
                at: token.range, in: query)
        }
        if text.hasPrefix("0x"), let value = Int64(text.dropFirst(2), radix: 16) { return Double(value) }
        // Go reads an integer with a leading zero as octal.
        if text.hasPrefix("0"), text.utf8.count > 1, let value = Int64(text.dropFirst(1), radix: 8) {
            return Double(value)
        }
        let problem: String
        if let value = Double(text.hasSuffix(".") ? text + "0" : text), !text.hasPrefix("0x") {
            if value.isFinite { return value }
            problem = "value out of range"
        } else {
            problem = "invalid syntax"
        }
        throw ParseError(
            "error parsing number: strconv.ParseFloat: parsing \(GoQuote.quote(token.text)): \(problem)",
            at: token.range, in: query)
    }

    /// Whether every underscore stands between two digits, or behind the `0x` of a hexadecimal number.
    private static func separatesDigits(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let isHexadecimal = bytes.count > 1 && bytes[0] == UInt8(ascii: "0") && bytes[1] | 0x20 == UInt8(ascii: "x")
        func isDigit(_ index: Int) -> Bool {
            guard bytes.indices.contains(index) else { return false }
            return isHexadecimal ? index == 1 || Hex.value(of: bytes[index]) != nil : Lexer.isDigit(bytes[index])
        }
        return bytes.indices.allSatisfy { bytes[$0] != UInt8(ascii: "_") || isDigit($0 - 1) && isDigit($0 + 1) }
    }
}
