/// Recursive descent over the grammar; operators by precedence climbing. Depth and operator count are bounded, so that no
/// query text can exhaust the stack here or in any later walk over the tree.
struct Parser {
    static let maximumDepth = 64
    static let maximumOperators = 512

    let source: [UInt8]
    private var lexer: Lexer
    private(set) var token: Token
    private var depth = 0
    private var operators = 0
    /// Where the last `compare()` stands.
    var comparisonOffset: Int?

    init(_ source: [UInt8]) throws(TraceQLError) {
        self.source = source
        lexer = Lexer(source)
        token = try lexer.next()
    }

    /// The whole text as one query.
    mutating func query() throws(TraceQLError) -> Query {
        let root: Query.Root
        switch try pipeline(nested: false) {
        case .series(let series): root = series
        case .stages(let stages): root = .pipeline(stages)
        case .scalar: throw unexpected("a comparison")
        }
        if let comparisonOffset, !root.isComparison {
            throw TraceQLError(
                .type, "compare() must be the last stage, outside of arithmetic", at: comparisonOffset, in: source)
        }
        var hints: [Query.Hint] = []
        if token.kind == .word("with") {
            try advance()
            try expect(.openParenthesis, "\"(\"")
            repeat {
                guard case .word(let name) = token.kind else { throw unexpected("a hint's name") }
                try advance()
                try expect(.symbol(.equal), "\"=\"")
                hints.append(Query.Hint(name: name, value: try literal()))
            } while try take(.comma)
            try expect(.closeParenthesis, "\")\"")
        }
        guard token.kind == .end else { throw unexpected("end of query") }
        return Query(root: root, hints: hints)
    }

    // MARK: Tokens

    mutating func advance() throws(TraceQLError) {
        token = try lexer.next()
    }

    mutating func take(_ kind: Token.Kind) throws(TraceQLError) -> Bool {
        guard token.kind == kind else { return false }
        try advance()
        return true
    }

    mutating func expect(_ kind: Token.Kind, _ name: String) throws(TraceQLError) {
        guard try take(kind) else { throw unexpected(name) }
    }

    func unexpected(_ expected: String) -> TraceQLError {
        TraceQLError(.syntax, "expected \(expected), found \(token.text(in: source))", at: token.offset, in: source)
    }

    mutating func enter() throws(TraceQLError) {
        depth += 1
        if depth > Self.maximumDepth {
            throw TraceQLError(
                .limit, "query is nested deeper than \(Self.maximumDepth) levels", at: token.offset, in: source)
        }
    }

    mutating func leave() { depth -= 1 }

    mutating func countOperator() throws(TraceQLError) {
        operators += 1
        if operators > Self.maximumOperators {
            throw TraceQLError(
                .limit, "query has more than \(Self.maximumOperators) operators", at: token.offset, in: source)
        }
    }

    // MARK: Pipelines

    /// What a pipeline, or a parenthesis around one, amounts to.
    enum Outcome {
        case stages([PipelineStage])
        case scalar(ScalarExpression)
        case series(Query.Root)
    }

    mutating func pipeline(nested: Bool) throws(TraceQLError) -> Outcome {
        try enter()
        defer { leave() }
        var stages: [PipelineStage] = []
        var series: Query.Root?
        repeat {
            try countOperator()
            let isFirst = stages.isEmpty && series == nil
            let start = token
            if let stage = try functionStage() {
                if isFirst, stage == .coalesce {
                    throw TraceQLError(
                        .syntax, "coalesce() needs spansets before it", at: start.offset, in: source)
                }
                stages.append(stage)
                if stage.givesSeries { stages += try seriesFilters() }
                continue
            }
            switch try term(minimum: 0) {
            case .spanset(let expression):
                stages.append(.spanset(expression))
            case .series(let root):
                guard isFirst else { throw unexpected("a series expression only at the start of the query") }
                series = root
                stages += try seriesFilters()
            case .scalar(let scalar):
                if case .symbol(let symbol) = token.kind, let comparison = symbol.binary, comparison.isComparison {
                    guard comparison != .regex, comparison != .notRegex else {
                        throw unexpected("a comparison of numbers")
                    }
                    try advance()
                    guard case .scalar(let right) = try term(minimum: 0) else { throw unexpected("a number") }
                    stages.append(.scalarFilter(scalar, comparison, right))
                } else if nested, token.kind == .closeParenthesis {
                    if stages.isEmpty { return .scalar(scalar) }
                    guard case .aggregate(let aggregate, let inner) = scalar else { throw unexpected("a comparison") }
                    return .scalar(.pipeline(stages, aggregate, inner))
                } else {
                    throw unexpected("a comparison")
                }
            }
        } while try take(.pipe)
        if let series {
            return .series(stages.isEmpty ? series : .staged(series, stages))
        }
        return Query.Root.pipeline(stages).isMetrics && nested ? .series(.pipeline(stages)) : .stages(stages)
    }

    /// A part of a stage whose nature shows only after it is read.
    private enum Term {
        case spanset(SpansetExpression)
        case scalar(ScalarExpression)
        case series(Query.Root)
    }

    private mutating func term(minimum: Int) throws(TraceQLError) -> Term {
        try enter()
        defer { leave() }
        var left = try primary()
        while case .symbol(let symbol) = token.kind {
            if case .spanset(let leftSpans) = left {
                guard let joining = symbol.spanset, joining.precedence > minimum else { break }
                try countOperator()
                try advance()
                guard case .spanset(let rightSpans) = try term(minimum: joining.precedence) else {
                    throw unexpected("a spanset")
                }
                left = .spanset(.operation(joining, leftSpans, rightSpans))
            } else {
                guard let arithmetic = symbol.binary, arithmetic.isArithmetic, arithmetic.precedence > minimum else {
                    break
                }
                try countOperator()
                try advance()
                let right = try term(minimum: arithmetic == .power ? arithmetic.precedence - 1 : arithmetic.precedence)
                left = try combine(arithmetic, left, right)
            }
        }
        return left
    }

    private func combine(_ symbol: BinaryOperator, _ left: Term, _ right: Term) throws(TraceQLError) -> Term {
        if case .scalar(let leftScalar) = left, case .scalar(let rightScalar) = right {
            if case .literal(let first) = leftScalar, case .literal(let second) = rightScalar {
                return .scalar(.literal(try constant(symbol, first, second)))
            }
            return .scalar(.arithmetic(symbol, leftScalar, rightScalar))
        }
        guard let leftRoot = seriesOperand(left), let rightRoot = seriesOperand(right) else {
            throw unexpected("numbers or series on both sides of \"\(symbol.rawValue)\"")
        }
        return .series(.arithmetic(symbol, leftRoot, rightRoot))
    }

    private func seriesOperand(_ term: Term) -> Query.Root? {
        switch term {
        case .series(let root): return root
        // A duration has no unit in common with the series.
        case .scalar(.literal(.duration)): return nil
        case .scalar(.literal(let literal)): return literal.number.map { .number($0) }
        default: return nil
        }
    }

    private mutating func primary() throws(TraceQLError) -> Term {
        switch token.kind {
        case .openBrace:
            return .spanset(.filter(try filterBody()))
        case .openParenthesis:
            try advance()
            let outcome = try pipeline(nested: true)
            try expect(.closeParenthesis, "\")\"")
            switch outcome {
            case .scalar(let scalar): return .scalar(scalar)
            case .series(let root): return .series(root)
            case .stages(let stages):
                if stages.count == 1, case .spanset(let expression) = stages[0] { return .spanset(expression) }
                return .spanset(.pipeline(stages))
            }
        case .symbol(.subtract), .literal:
            return .scalar(.literal(try signedConstant()))
        case .word(let name):
            guard let aggregate = Aggregate(rawValue: name) else {
                throw unexpected("a spanset, a function or an aggregate")
            }
            try advance()
            try expect(.openParenthesis, "\"(\"")
            if aggregate == .count {
                try expect(.closeParenthesis, "\")\"")
                return .scalar(.aggregate(.count, nil))
            }
            let inner = try fieldExpression(minimum: 0)
            try expect(.closeParenthesis, "\")\"")
            return .scalar(.aggregate(aggregate, inner))
        default:
            throw unexpected("a spanset, a function or an aggregate")
        }
    }

    /// `{ … }`, from the opening brace on; nil when it is empty.
    mutating func filterBody() throws(TraceQLError) -> FieldExpression? {
        try expect(.openBrace, "\"{\"")
        if try take(.closeBrace) { return nil }
        let expression = try fieldExpression(minimum: 0)
        try expect(.closeBrace, "\"}\" or an operator")
        return expression
    }

    // MARK: Constants

    /// A constant, or a parenthesis with constants and `+ - * /` between them, behind a minus or not.
    private mutating func signedConstant() throws(TraceQLError) -> Literal {
        let start = self
        guard try take(.symbol(.subtract)), token.kind == .openParenthesis else {
            self = start
            return try literal()
        }
        guard case .scalar(.literal(let inner)) = try primary(), let negated = Self.negate(inner) else {
            throw unexpected("a number")
        }
        return negated
    }

    /// A constant with which series are compared: `10`, `-1`, `100 / 3`, `(1 + 2)`.
    mutating func seriesBound() throws(TraceQLError) -> Literal {
        guard case .scalar(.literal(let bound)) = try term(minimum: 0) else { throw unexpected("a constant") }
        return bound
    }

    /// Arithmetic between two constants; between integers it is that of integers.
    private func constant(
        _ symbol: BinaryOperator, _ left: Literal, _ right: Literal
    ) throws(TraceQLError) -> Literal {
        let whole = "\(left) \(symbol.rawValue) \(right)"
        for side in [left, right] {
            if case .duration = side {
                throw TraceQLError(
                    .type, "\(whole) computes with a duration; write the result", at: token.offset, in: source)
            }
        }
        switch Value(left).computed(symbol, Value(right)) {
        case .int(let value): return .int(value)
        case .double(let value) where value.isFinite: return .float(value)
        default: throw TraceQLError(.type, "\(whole) is not a number", at: token.offset, in: source)
        }
    }

    /// A constant with an optional minus.
    mutating func literal() throws(TraceQLError) -> Literal {
        let negative = try take(.symbol(.subtract))
        guard case .literal(let literal) = token.kind else { throw unexpected("a literal") }
        guard negative else {
            try advance()
            return literal
        }
        guard let negated = Self.negate(literal) else { throw unexpected("a number") }
        try advance()
        return negated
    }

    private static func negate(_ literal: Literal) -> Literal? {
        switch literal {
        case .int(let value): .int(0 &- value)
        case .float(let value): .float(-value)
        case .duration(let value): .duration(0 &- value)
        default: nil
        }
    }

    // MARK: Field expressions

    mutating func fieldExpression(minimum: Int) throws(TraceQLError) -> FieldExpression {
        try enter()
        defer { leave() }
        var left = try fieldPrimary()
        while case .symbol(let symbol) = token.kind, let joining = symbol.binary, joining.precedence > minimum {
            try countOperator()
            try advance()
            let right = try fieldExpression(minimum: joining == .power ? joining.precedence - 1 : joining.precedence)
            left = .binary(joining, left, right)
        }
        return left
    }

    private mutating func fieldPrimary() throws(TraceQLError) -> FieldExpression {
        switch token.kind {
        case .openParenthesis:
            try advance()
            let inner = try fieldExpression(minimum: 0)
            try expect(.closeParenthesis, "\")\" or an operator")
            return inner
        case .symbol(.not):
            try countOperator()
            try advance()
            // Binds looser than `*` and tighter than `+` and comparisons.
            return .unary(.not, try fieldExpression(minimum: UnaryOperator.not.precedence))
        case .symbol(.subtract):
            try countOperator()
            try advance()
            try enter()
            defer { leave() }
            let inner = try fieldPrimary()
            if case .literal(let literal) = inner, let negated = Self.negate(literal) { return .literal(negated) }
            return .unary(.negate, inner)
        case .literal(let literal):
            try advance()
            return .literal(literal)
        case .operand(let operand):
            try advance()
            return .operand(operand)
        default:
            throw unexpected("a field, a literal or \"(\"")
        }
    }
}
