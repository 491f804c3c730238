package import MartletCore

/// Parses PromQL: Prometheus 3's grammar, by recursive descent with operator precedence.
package struct Parser {
    /// What beyond the stable language is accepted.
    package struct Options: Sendable {
        /// Functions and aggregations that Prometheus hides behind `promql-experimental-functions`.
        package var experimentalFunctions = false

        package init(experimentalFunctions: Bool = false) {
            self.experimentalFunctions = experimentalFunctions
        }
    }

    /// Parentheses, calls and signs inside each other; chains of operators may be longer.
    private static let maxNesting = 200
    /// Operators and brackets in a query altogether. With the nesting it bounds the depth of the tree, which is walked
    /// by recursion.
    private static let maxOperators = 1000

    let query: [UInt8]
    let options: Options
    private let tokens: [Token]
    private var index = 0
    private var nesting = 0
    private var operators = 0

    /// Parses a whole query and checks its types.
    package static func parse(_ query: String, options: Options = Options()) throws(ParseError) -> Expression {
        var parser = try Parser(query, options)
        if parser.current.kind == .end {
            throw ParseError("no expression found in input", at: 0..<0, in: parser.query)
        }
        let expression = try parser.expression(minimum: 1)
        guard parser.current.kind == .end else { throw parser.unexpected() }
        return try TypeChecker(query: parser.query, options: options).checked(expression)
    }

    /// Parses a selector such as `match[]` takes: matchers only, no modifiers.
    package static func parseSelector(_ text: String) throws(ParseError) -> [Matcher] {
        let expression = try parse(text)
        guard case .selector(let selector) = expression, selector.offset == nil, selector.at == nil else {
            throw ParseError("expected only a vector selector", at: expression.range, in: Array(text.utf8))
        }
        return selector.matchers
    }

    private init(_ query: String, _ options: Options) throws(ParseError) {
        self.query = Array(query.utf8)
        self.options = options
        tokens = try Lexer.tokens(of: self.query)
    }

    // MARK: Tokens

    var current: Token { tokens[min(index, tokens.count - 1)] }

    var following: Token { tokens[min(index + 1, tokens.count - 1)] }

    /// Where the token before the current one ends.
    var lastEnd: Int { index > 0 ? tokens[index - 1].range.upperBound : 0 }

    @discardableResult
    mutating func advance() -> Token {
        defer { index += 1 }
        return current
    }

    mutating func take(_ kind: Token.Kind) -> Bool {
        guard current.kind == kind else { return false }
        index += 1
        return true
    }

    mutating func expect(_ kind: Token.Kind, _ context: String, _ expected: String) throws(ParseError) {
        guard take(kind) else { throw unexpected(context, expected) }
    }

    func isKeyword(_ word: String) -> Bool {
        current.kind == .keyword && current.text.lowercased() == word
    }

    func unexpected(_ context: String = "", _ expected: String = "") -> ParseError {
        var message = "unexpected \(current.described)"
        if !context.isEmpty { message += " in \(context)" }
        if !expected.isEmpty { message += ", expected \(expected)" }
        return fail(message, current.range)
    }

    func fail(_ message: String, _ range: Range<Int>) -> ParseError {
        ParseError(message, at: range, in: query)
    }

    // MARK: Operators

    mutating func expression(minimum: Int) throws(ParseError) -> Expression {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Parser.maxNesting else { throw fail("expression nests too deeply", current.range) }
        var left = try unary()
        while case .operation(let operation) = current.kind, operation.precedence >= minimum {
            try countOperator()
            left = try binary(left, operation)
        }
        if current.kind == .trim {
            throw fail("histogram trimming operators are not supported", current.range)
        }
        return left
    }

    private mutating func countOperator() throws(ParseError) {
        operators += 1
        guard operators <= Parser.maxOperators else {
            throw fail("expression has more than \(Parser.maxOperators) operators", current.range)
        }
    }

    private mutating func binary(_ left: Expression, _ operation: BinaryOperator) throws(ParseError) -> Expression {
        let operatorToken = advance()
        var returnsBool = false
        if isKeyword("bool") {
            advance()
            returnsBool = true
        }
        let matching = try matching(operation)
        // Power binds to the right.
        let right = try expression(minimum: operation == .power ? 6 : operation.precedence + 1)
        if returnsBool, !operation.isComparison {
            throw fail("bool modifier can only be used on comparison operators", operatorToken.range)
        }
        return .binary(
            Expression.Binary(
                operation: operation, left: left, right: right, returnsBool: returnsBool, matching: matching,
                range: left.range.lowerBound..<right.range.upperBound))
    }

    private mutating func matching(_ operation: BinaryOperator) throws(ParseError) -> VectorMatching {
        var matching = VectorMatching()
        if operation.isSet { matching.cardinality = .manyToMany }
        if isKeyword("on") || isKeyword("ignoring") {
            matching.on = isKeyword("on")
            advance()
            matching.labels = try groupingLabels()
            if isKeyword("group_left") || isKeyword("group_right") {
                matching.cardinality = isKeyword("group_left") ? .manyToOne : .oneToMany
                advance()
                if current.kind == .leftParen { matching.include = try groupingLabels() }
            }
        }
        if isKeyword("fill") || isKeyword("fill_left") || isKeyword("fill_right"), following.kind == .leftParen {
            throw fail("binary operator fill modifiers are not supported", current.range)
        }
        return matching
    }

    private mutating func unary() throws(ParseError) -> Expression {
        guard case .operation(let sign) = current.kind, sign == .add || sign == .subtract else {
            return try postfix()
        }
        let start = advance().range.lowerBound
        let operand = try expression(minimum: 6)
        let range = start..<operand.range.upperBound
        if case .number(var number) = operand {
            if sign == .subtract { number.value = -number.value }
            number.range = range
            return .number(number)
        }
        return .unary(isMinus: sign == .subtract, operand, range: range)
    }

    // MARK: Operands

    private mutating func primary() throws(ParseError) -> Expression {
        let token = current
        switch token.kind {
        case .leftParen:
            advance()
            let inner = try expression(minimum: 1)
            try expect(.rightParen, "", "")
            return .parenthesised(inner, range: token.range.lowerBound..<lastEnd)
        case .number, .duration:
            advance()
            let value = try Parser.number(token, in: query)
            return .number(
                Expression.Number(value: value, isDuration: token.kind == .duration, range: token.range))
        case .string:
            advance()
            return .string(Expression.StringLiteral(bytes: try unquoted(token), range: token.range))
        case .leftBrace: return .selector(try selector(name: nil))
        case .aggregation(let operation):
            let isGrouping =
                following.kind == .keyword
                && ["by", "without"].contains(following.text.lowercased())
            if following.kind == .leftParen || isGrouping { return try aggregate(operation) }
        case .identifier where following.kind == .leftParen: return try call()
        case .keyword where following.kind == .leftParen:
            if ["start", "end", "step", "range"].contains(token.text.lowercased()) { return try call() }
        default: break
        }
        guard token.isWord else { throw unexpected() }
        advance()
        return .selector(try selector(name: token))
    }

    private mutating func aggregate(_ operation: AggregationOperator) throws(ParseError) -> Expression {
        let start = advance().range.lowerBound
        var grouping: (labels: [String], without: Bool)?
        if current.kind == .keyword { grouping = try groupingClause() }
        guard current.kind == .leftParen else { throw unexpected("aggregation") }
        let arguments = try arguments()
        if grouping == nil, isKeyword("by") || isKeyword("without") { grouping = try groupingClause() }
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

    private mutating func groupingClause() throws(ParseError) -> (labels: [String], without: Bool) {
        let without = isKeyword("without")
        advance()
        return (try groupingLabels(), without)
    }

    private mutating func groupingLabels() throws(ParseError) -> [String] {
        try expect(.leftParen, "grouping opts", "\"(\"")
        var labels: [String] = []
        while !take(.rightParen) {
            let token = current
            if token.kind == .string {
                let bytes = try unquoted(token)
                let isValid = bytes.withUnsafeBytes { LabelName.isValid($0) }
                guard isValid else {
                    throw fail("invalid label name for grouping: \(Parser.quote(bytes))", token.range)
                }
                labels.append(String(decoding: bytes, as: UTF8.self))
            } else if token.isWord, token.kind != .metricIdentifier {
                labels.append(String(decoding: query[token.range], as: UTF8.self))
            } else {
                throw unexpected("grouping opts", "label")
            }
            advance()
            if current.kind != .rightParen { try expect(.comma, "grouping opts", "\",\" or \")\"") }
        }
        return labels
    }

    private mutating func call() throws(ParseError) -> Expression {
        let token = advance()
        let name = token.kind == .keyword ? token.text.lowercased() : token.text
        if Function.unsupported.contains(name) {
            throw fail("function \(GoQuote.quote(name)) is not supported", token.range)
        }
        guard let function = Function.all[name] else {
            throw fail("unknown function with name \(GoQuote.quote(name))", token.range)
        }
        if function.isExperimental, !options.experimentalFunctions {
            throw fail(
                "function \(GoQuote.quote(name)) is not enabled", token.range)
        }
        let arguments = try arguments()
        return .call(
            Expression.Call(
                function: function, arguments: arguments, range: token.range.lowerBound..<lastEnd))
    }

    private mutating func arguments() throws(ParseError) -> [Expression] {
        try expect(.leftParen, "", "")
        var arguments: [Expression] = []
        if take(.rightParen) { return arguments }
        while true {
            arguments.append(try expression(minimum: 1))
            if take(.rightParen) { return arguments }
            let comma = current.range
            guard take(.comma) else { throw unexpected() }
            if current.kind == .rightParen {
                throw fail("trailing commas not allowed in function call args", comma)
            }
        }
    }

    // MARK: Literals

    func unquoted(_ token: Token) throws(ParseError) -> [UInt8] {
        switch GoString.unquote(query[token.range]) {
        case .success(let bytes): return bytes
        case .failure(let error):
            throw fail(
                "error unquoting string \(Parser.quote(Array(query[token.range]))): \(error.reason)", token.range)
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
        if text.hasPrefix("0x"), let value = UInt64(text.dropFirst(2), radix: 16) { return Double(value) }
        // Go reads an integer with a leading zero as octal.
        if text.hasPrefix("0"), text.utf8.count > 1, let value = UInt64(text.dropFirst(1), radix: 8) {
            return Double(value)
        }
        guard let value = Double(text.hasSuffix(".") ? text + "0" : text) else {
            throw ParseError("error parsing number: \(token.text)", at: token.range, in: query)
        }
        return value
    }
}

extension Parser {
    // MARK: What follows an operand

    private mutating func postfix() throws(ParseError) -> Expression {
        var expression = try primary()
        while true {
            if current.kind == .leftBracket {
                expression = try bracket(expression)
            } else if isKeyword("offset") {
                advance()
                let offset = try offsetDuration()
                expression = try withOffset(expression, offset)
            } else if current.kind == .at {
                advance()
                let at = try atTime()
                expression = try withAt(expression, at)
            } else if isKeyword("anchored") || isKeyword("smoothed") {
                throw fail("the \(current.text) modifier is not supported", current.range)
            } else {
                return expression
            }
        }
    }

    private mutating func bracket(_ expression: Expression) throws(ParseError) -> Expression {
        try countOperator()
        advance()
        let duration = try positive(try durationExpression(minimum: 1, "subquery or range selector"))
        let start = expression.range.lowerBound
        if take(.rightBracket) {
            guard case .selector(let selector) = expression else {
                throw fail("ranges only allowed for vector selectors", start..<lastEnd)
            }
            if selector.offset != nil { throw fail("no offset modifiers allowed before range", start..<lastEnd) }
            if selector.at != nil { throw fail("no @ modifiers allowed before range", start..<lastEnd) }
            return .matrix(Expression.Matrix(selector: selector, duration: duration, range: start..<lastEnd))
        }
        try expect(.colon, "subquery or range", "\":\" or \"]\"")
        var step: DurationExpression?
        if current.kind != .rightBracket {
            step = try positive(try durationExpression(minimum: 1, "subquery selector"))
        }
        try expect(.rightBracket, "subquery selector", "\"]\"")
        return .subquery(
            Expression.Subquery(
                expression: expression, duration: duration, step: step, offset: nil, at: nil, range: start..<lastEnd))
    }

    private func positive(_ duration: DurationExpression) throws(ParseError) -> DurationExpression {
        if let milliseconds = duration.constantMilliseconds, milliseconds <= 0 {
            throw fail("duration must be greater than 0", lastEnd..<lastEnd)
        }
        return duration
    }

    private mutating func durationExpression(minimum: Int, _ context: String) throws(ParseError) -> DurationExpression {
        var left = try durationOperand(context)
        while case .operation(let operation) = current.kind, operation.precedence >= max(minimum, 4),
            operation != .atan2
        {
            try countOperator()
            advance()
            let right = try durationExpression(
                minimum: operation == .power ? 6 : operation.precedence + 1, context)
            if operation == .divide || operation == .modulo, right.isConstant, right.seconds(step: 0, range: 0) == 0 {
                throw fail(operation == .divide ? "division by zero" : "modulo by zero", current.range)
            }
            left = .binary(operation, left, right)
        }
        return left
    }

    private mutating func durationOperand(_ context: String) throws(ParseError) -> DurationExpression {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Parser.maxNesting else { throw fail("expression nests too deeply", current.range) }
        let token = current
        switch token.kind {
        case .number, .duration:
            advance()
            let value = try Parser.number(token, in: query)
            guard value.isFinite, value.magnitude < 9e15 else { throw fail("duration out of range", token.range) }
            return .literal(value, isDuration: token.kind == .duration)
        case .operation(.subtract):
            advance()
            return .negate(try durationExpression(minimum: 6, context))
        case .operation(.add):
            advance()
            return try durationExpression(minimum: 6, context)
        case .leftParen:
            advance()
            let inner = try durationExpression(minimum: 1, context)
            try expect(.rightParen, context, "\")\"")
            return .parenthesised(inner)
        case .keyword where ["step", "range"].contains(token.text.lowercased()) && following.kind == .leftParen:
            advance()
            advance()
            try expect(.rightParen, context, "\")\"")
            return token.text.lowercased() == "step" ? .step : .range
        case .identifier where ["min_of", "max_of"].contains(token.text) && following.kind == .leftParen:
            advance()
            advance()
            let first = try durationExpression(minimum: 1, context)
            try expect(.comma, context, "\",\"")
            let second = try durationExpression(minimum: 1, context)
            try expect(.rightParen, context, "\")\"")
            return token.text == "min_of" ? .least(first, second) : .greatest(first, second)
        default: throw unexpected(context, "number, duration, step(), or range()")
        }
    }

    /// A signed duration without operators outside parentheses.
    private mutating func offsetDuration() throws(ParseError) -> DurationExpression {
        let token = current
        if case .operation(let sign) = token.kind, sign == .add || sign == .subtract {
            advance()
            let operand = try durationOperand("offset")
            return sign == .subtract ? .negate(operand) : operand
        }
        return try durationOperand("offset")
    }

    private mutating func atTime() throws(ParseError) -> Expression.At {
        if isKeyword("start") || isKeyword("end"), following.kind == .leftParen {
            let isStart = isKeyword("start")
            advance()
            advance()
            try expect(.rightParen, "@", "\")\"")
            return isStart ? .start : .end
        }
        var isNegative = false
        if case .operation(let sign) = current.kind, sign == .add || sign == .subtract {
            isNegative = sign == .subtract
            advance()
        }
        let token = current
        guard token.kind == .number || token.kind == .duration else { throw unexpected("@", "timestamp") }
        advance()
        let value = try Parser.number(token, in: query)
        let milliseconds = ((isNegative ? -value : value) * 1000).rounded()
        guard milliseconds.magnitude < Engine.timeBound else {
            throw fail("timestamp out of bounds for @ modifier: \(FloatText.fixed(value))", token.range)
        }
        return .time(Int64(milliseconds))
    }

    private func withOffset(_ expression: Expression, _ offset: DurationExpression) throws(ParseError) -> Expression {
        let range = expression.range.lowerBound..<lastEnd
        let twice = fail("offset may not be set multiple times", range)
        switch expression {
        case .selector(var selector):
            guard selector.offset == nil else { throw twice }
            selector.offset = offset
            selector.range = range
            return .selector(selector)
        case .matrix(var matrix):
            guard matrix.selector.offset == nil else { throw twice }
            matrix.selector.offset = offset
            matrix.range = range
            return .matrix(matrix)
        case .subquery(var subquery):
            guard subquery.offset == nil else { throw twice }
            subquery.offset = offset
            subquery.range = range
            return .subquery(subquery)
        default:
            throw fail(
                "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery",
                expression.range)
        }
    }

    private func withAt(_ expression: Expression, _ at: Expression.At) throws(ParseError) -> Expression {
        let range = expression.range.lowerBound..<lastEnd
        let twice = fail("@ <timestamp> may not be set multiple times", range)
        switch expression {
        case .selector(var selector):
            guard selector.at == nil else { throw twice }
            selector.at = at
            selector.range = range
            return .selector(selector)
        case .matrix(var matrix):
            guard matrix.selector.at == nil else { throw twice }
            matrix.selector.at = at
            matrix.range = range
            return .matrix(matrix)
        case .subquery(var subquery):
            guard subquery.at == nil else { throw twice }
            subquery.at = at
            subquery.range = range
            return .subquery(subquery)
        default:
            throw fail(
                "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery",
                expression.range)
        }
    }

    // MARK: Selectors

    /// Reads what follows a metric's name, or braces alone.
    private mutating func selector(name: Token?) throws(ParseError) -> Expression.Selector {
        let start = name?.range.lowerBound ?? current.range.lowerBound
        var matchers: [Matcher] = []
        let nameText = name.map { String(decoding: query[$0.range], as: UTF8.self) } ?? ""
        if take(.leftBrace) {
            while !take(.rightBrace) {
                matchers.append(try matcher())
                if current.kind != .rightBrace { try expect(.comma, "label matching", "\",\" or \"}\"") }
            }
        }
        if name != nil { matchers.append(Matcher(equal: Labels.metricName, nameText)) }
        return Expression.Selector(
            name: nameText, matchers: matchers, offset: nil, at: nil, range: start..<lastEnd)
    }

    private mutating func matcher() throws(ParseError) -> Matcher {
        let nameToken = current
        let name: String
        switch nameToken.kind {
        case .identifier: name = nameToken.text
        case .string:
            let bytes = try unquoted(nameToken)
            let isValid = bytes.withUnsafeBytes { LabelName.isValid($0) }
            guard isValid else { throw fail("invalid label name \(Parser.quote(bytes))", nameToken.range) }
            name = String(decoding: bytes, as: UTF8.self)
        default: throw unexpected("label matching", "identifier or \"}\"")
        }
        advance()
        let kind: Matcher.Kind
        switch current.kind {
        case .assign: kind = .equal
        case .operation(.notEqual): kind = .notEqual
        case .matchRegex: kind = .regex
        case .matchNotRegex: kind = .notRegex
        case .comma, .rightBrace:
            // A quoted name alone is the metric's.
            if nameToken.kind == .string { return Matcher(equal: Labels.metricName, name) }
            throw unexpected("label matching", "label matching operator")
        default: throw unexpected("label matching", "label matching operator")
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
