import MartletCore

/// LogQL by recursive descent. Errors carry the place of the token that does not fit, and Loki's words.
struct Parser {
    /// Longer queries are refused.
    static let maxQueryLength = 131_072
    /// Brackets and operators nested deeper are refused.
    static let maxDepth = 100
    /// Operators and stages in a query altogether. Chains lean to the left: with `maxDepth` this bounds the depth of the
    /// tree, which is walked by recursion, and the stages that every line goes through.
    static let maxOperators = 512
    /// Groups of an expression that captures. What a match takes grows with them.
    private static let maxCaptures = 100
    /// Bytes for an expression that captures: RE2 keeps the groups of every state it is in beside that.
    private static let captureMemory: Int64 = 1 << 20

    private let tokens: [Token]
    private var position = 0
    private var depth = 0
    private var operators = 0

    private init(_ tokens: [Token]) { self.tokens = tokens }

    static func parse(_ text: String) throws(LogQueryError) -> QueryExpression {
        guard text.utf8.count <= maxQueryLength else {
            throw .parse("input size too long (\(text.utf8.count) > \(maxQueryLength))")
        }
        var parser = Parser(try Lexer.tokens(text))
        let expression = try parser.expression(minimum: 1)
        guard case .end = parser.current.kind else {
            // The bar may be followed by much, but not by this.
            if parser.isSymbol("|"), case .identifier(let name) = parser.following.kind, name.lowercased() == "unwrap" {
                parser.advance()
            }
            throw parser.unexpected()
        }
        try Validation.check(expression)
        return expression
    }

    // MARK: Tokens

    var current: Token { tokens[position] }
    var following: Token { tokens[min(position + 1, tokens.count - 1)] }

    mutating func advance() { if position + 1 < tokens.count { position += 1 } }

    func isSymbol(_ symbol: String) -> Bool { current.kind == .symbol(symbol) }

    mutating func take(_ symbol: String) -> Bool {
        guard isSymbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func expect(_ symbol: String) throws(LogQueryError) {
        guard take(symbol) else { throw unexpected(expecting: symbol) }
    }

    /// The bracket behind an expression, where much else could stand, too.
    mutating func close() throws(LogQueryError) {
        guard take(")") else { throw unexpected() }
    }

    /// The word at this place, in lower case: keywords are case-insensitive.
    var word: String? {
        switch current.kind {
        case .identifier(let name), .function(let name, _): name.lowercased()
        default: nil
        }
    }

    mutating func take(word: String) -> Bool {
        guard self.word == word else { return false }
        advance()
        return true
    }

    mutating func identifier() throws(LogQueryError) -> String {
        guard case .identifier(let name) = current.kind else { throw unexpected(expecting: "IDENTIFIER") }
        advance()
        return name
    }

    mutating func string() throws(LogQueryError) -> String {
        guard case .string(let value) = current.kind else { throw unexpected(expecting: "STRING") }
        advance()
        return value
    }

    /// A number, which may have a sign directly before it.
    mutating func number() throws(LogQueryError) -> Double {
        var sign = 1.0
        if isSymbol("-") || isSymbol("+"), case .number = following.kind {
            if isSymbol("-") { sign = -1 }
            advance()
        }
        guard case .number(let value) = current.kind else { throw unexpected(expecting: "NUMBER") }
        advance()
        return sign * value
    }

    func unexpected(expecting: String? = nil) -> LogQueryError {
        let tail = expecting.map { ", expecting \($0)" } ?? ""
        return .syntax(
            "syntax error: unexpected \(current.name)\(tail)", line: current.line, column: current.column)
    }

    /// Runs `body` one level deeper.
    mutating func nested<R>(
        _ body: (inout Parser) throws(LogQueryError) -> R
    ) throws(LogQueryError) -> R {
        guard depth < Self.maxDepth else {
            throw .syntax(
                "the query is nested deeper than \(Self.maxDepth)", line: current.line, column: current.column)
        }
        depth += 1
        defer { depth -= 1 }
        return try body(&self)
    }

    /// Notes one more operator or stage.
    mutating func countOperator() throws(LogQueryError) {
        operators += 1
        guard operators <= Self.maxOperators else {
            throw .syntax(
                "the query has more than \(Self.maxOperators) operators and stages", line: current.line,
                column: current.column)
        }
    }

    /// An expression whose groups are read.
    func capturingRegex(
        _ text: String, anchored: Bool, dotMatchesNewline: Bool
    ) throws(LogQueryError) -> Regex {
        let regex: Regex
        do throws(RegexError) {
            regex = try Regex(
                text, anchored: anchored, dotMatchesNewline: dotMatchesNewline, maxMemory: Self.captureMemory)
        } catch {
            throw .parse("\(error)")
        }
        guard regex.groupCount <= Self.maxCaptures else {
            throw .parse("a regular expression has more than \(Self.maxCaptures) captures")
        }
        return regex
    }

    // MARK: Expressions

    mutating func expression(minimum: Int) throws(LogQueryError) -> QueryExpression {
        try nested { (parser) throws(LogQueryError) in
            var left = try parser.primary()
            while let operation = parser.binaryOperator, operation.precedence >= minimum {
                let token = parser.current
                try parser.countOperator()
                parser.advance()
                let (returnsBool, matching) = try parser.modifiers(operation)
                let next = operation == .power ? operation.precedence : operation.precedence + 1
                let right = try parser.expression(minimum: next)
                left = try Validation.binary(
                    BinaryOperation(
                        operation: operation, left: left, right: right, returnsBool: returnsBool, matching: matching),
                    at: token)
            }
            return left
        }
    }

    private var binaryOperator: BinaryOperation.Operator? {
        switch current.kind {
        case .symbol(let symbol): BinaryOperation.Operator(rawValue: symbol)
        case .identifier(let name): BinaryOperation.Operator(rawValue: name.lowercased())
        default: nil
        }
    }

    private mutating func modifiers(
        _ operation: BinaryOperation.Operator
    ) throws(LogQueryError) -> (Bool, BinaryOperation.Matching) {
        var matching = BinaryOperation.Matching()
        let returnsBool = take(word: "bool")
        guard word == "on" || word == "ignoring" else { return (returnsBool, matching) }
        matching.isOn = word == "on"
        advance()
        matching.names = try names()
        if word == "group_left" || word == "group_right" {
            matching.cardinality = word == "group_left" ? .manyToOne : .oneToMany
            advance()
            if isSymbol("(") { matching.include = try names() }
        }
        return (returnsBool, matching)
    }

    /// `(a, b)`, which may be empty.
    mutating func names() throws(LogQueryError) -> [String] {
        try expect("(")
        var names: [String] = []
        guard !take(")") else { return [] }
        while true {
            guard case .identifier = current.kind else {
                throw unexpected(expecting: names.isEmpty ? "IDENTIFIER or )" : "IDENTIFIER")
            }
            names.append(try identifier())
            guard take(",") else { break }
        }
        guard take(")") else { throw unexpected(expecting: ", or )") }
        return names
    }

    private mutating func primary() throws(LogQueryError) -> QueryExpression {
        switch current.kind {
        case .number: return .number(try number())
        case .symbol("-"), .symbol("+"):
            guard case .number = following.kind else {
                advance()
                throw unexpected(expecting: "NUMBER")
            }
            return .number(try number())
        case .symbol("{"): return .log(try logExpression())
        case .symbol("("):
            advance()
            let inner = try expression(minimum: 1)
            try close()
            guard case .log(var log) = inner else { return inner }
            log.stages += try stages()
            return .log(log)
        case .identifier, .function: return try call()
        default: throw unexpected()
        }
    }

    private mutating func call() throws(LogQueryError) -> QueryExpression {
        let name = word ?? ""
        if case .identifier = current.kind, name != "label_replace" { throw unexpected() }
        if let operation = RangeAggregation.Operation(rawValue: name) {
            advance()
            return .range(try rangeAggregation(operation))
        }
        if let operation = VectorAggregation.Operation(rawValue: name) {
            advance()
            return .aggregation(try vectorAggregation(operation))
        }
        switch name {
        case "vector":
            advance()
            try expect("(")
            let value = try number()
            try expect(")")
            return .vector(value)
        case "label_replace":
            advance()
            return try labelReplace()
        default: throw unexpected()
        }
    }

    private mutating func rangeAggregation(
        _ operation: RangeAggregation.Operation
    ) throws(LogQueryError) -> RangeAggregation {
        try expect("(")
        var parameter: Double?
        if case .number(let value) = current.kind {
            guard operation == .quantile else {
                throw .parse("parameter \(current.text) not supported for operation \(operation.rawValue)")
            }
            advance()
            try expect(",")
            parameter = value
        } else {
            guard isSymbol("{") || isSymbol("(") else { throw unexpected(expecting: "NUMBER or { or (") }
            guard operation != .quantile else { throw .parse("parameter required for operation \(operation.rawValue)") }
        }
        let range = try logRange()
        try close()
        let aggregation = RangeAggregation(
            operation: operation, parameter: parameter, range: range, grouping: try grouping())
        try Validation.range(aggregation)
        return aggregation
    }

    private mutating func vectorAggregation(
        _ operation: VectorAggregation.Operation
    ) throws(LogQueryError) -> VectorAggregation {
        var grouping = try grouping()
        try expect("(")
        var parameter: Int?
        if case .number = current.kind, following.kind == .symbol(",") {
            parameter = try self.parameter(operation)
            advance()
            advance()
        } else if operation.takesParameter, isSymbol("{") || isSymbol("(") || isFunction {
            throw .parse("parameter required for operation \(operation.rawValue)")
        }
        let inner = try expression(minimum: 1)
        guard !inner.isLog else { throw unexpected() }
        try close()
        if grouping == nil { grouping = try self.grouping() }
        let aggregation = VectorAggregation(
            operation: operation, parameter: parameter, inner: inner, grouping: grouping)
        try Validation.aggregation(aggregation)
        return aggregation
    }

    private var isFunction: Bool { if case .function = current.kind { true } else { word == "label_replace" } }

    /// k of topk and its kin.
    private func parameter(_ operation: VectorAggregation.Operation) throws(LogQueryError) -> Int {
        let text = current.text
        guard operation.takesParameter else {
            throw .parse("unsupported parameter for operation \(operation.rawValue)(\(text),")
        }
        guard let value = Int(text) else { throw .parse("invalid parameter \(operation.rawValue)(\(text),") }
        guard value > 0 else {
            throw .parse("invalid parameter (must be greater than 0) \(operation.rawValue)(\(text)")
        }
        return value
    }

    private mutating func grouping() throws(LogQueryError) -> Grouping? {
        guard word == "by" || word == "without" else { return nil }
        let isWithout = word == "without"
        advance()
        return Grouping(isWithout: isWithout, names: try names())
    }

    private mutating func labelReplace() throws(LogQueryError) -> QueryExpression {
        try expect("(")
        let inner = try expression(minimum: 1)
        guard !inner.isLog, isSymbol(",") else { throw unexpected() }
        var arguments: [String] = []
        for _ in 0..<4 {
            try expect(",")
            arguments.append(try string())
        }
        try expect(")")
        let regex: Regex
        do throws(LogQueryError) {
            regex = try capturingRegex(arguments[3], anchored: true, dotMatchesNewline: true)
        } catch {
            throw error.inside("invalid regex in label_replace")
        }
        return .labelReplace(
            inner, destination: arguments[0], replacement: arguments[1], source: arguments[2], regex: regex)
    }
}
