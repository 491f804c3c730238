/// Operators and what stands behind them.
extension Parser {
    /// An expression of operators that bind at least as tightly.
    mutating func expression(minimum: Int) throws(ParseError) -> Expression {
        try nest()
        defer { unnest() }
        var left = try unary()
        while case .operation(let operation) = current.kind, operation.precedence >= minimum {
            try countOperator()
            left = try binary(left, operation)
        }
        return left
    }

    private mutating func binary(_ left: Expression, _ operation: BinaryOperator) throws(ParseError) -> Expression {
        advance()
        var returnsBool = false
        if isKeyword(.bool) {
            advance()
            returnsBool = true
        }
        let matching = try matching(operation)
        // Power binds to the right.
        let right = try expression(minimum: operation == .power ? 6 : operation.precedence + 1)
        let range = left.range.lowerBound..<right.range.upperBound
        if !options.fillModifiers, matching.fillLeft != nil || matching.fillRight != nil {
            throw fail("binop fill modifiers are experimental and not enabled", range)
        }
        return .binary(
            Expression.Binary(
                operation: operation, left: left, right: right, returnsBool: returnsBool, matching: matching,
                range: range))
    }

    private mutating func matching(_ operation: BinaryOperator) throws(ParseError) -> VectorMatching {
        var matching = VectorMatching()
        if operation.isSet { matching.cardinality = .manyToMany }
        if isKeyword(.on) || isKeyword(.ignoring) {
            matching.on = isKeyword(.on)
            advance()
            matching.labels = try groupingLabels()
            if isKeyword(.groupLeft) || isKeyword(.groupRight) {
                matching.cardinality = isKeyword(.groupLeft) ? .manyToOne : .oneToMany
                advance()
                if current.kind == .leftParen {
                    matching.include = try groupingLabels()
                } else if !current.beginsExpression, !isFill {
                    throw unexpected("grouping opts", "\"(\"")
                }
            }
        }
        if isKeyword(.fill) {
            advance()
            matching.fillLeft = try fillValue()
            matching.fillRight = matching.fillLeft
        } else if isKeyword(.fillLeft) {
            advance()
            matching.fillLeft = try fillValue()
            if isKeyword(.fillRight) {
                advance()
                matching.fillRight = try fillValue()
            }
        } else if isKeyword(.fillRight) {
            advance()
            matching.fillRight = try fillValue()
            if isKeyword(.fillLeft) {
                advance()
                matching.fillLeft = try fillValue()
            }
        }
        return matching
    }

    private var isFill: Bool { isKeyword(.fill) || isKeyword(.fillLeft) || isKeyword(.fillRight) }

    private mutating func fillValue() throws(ParseError) -> Double {
        try expect(.leftParen)
        let value = try signedNumber()
        try expect(.rightParen)
        return value
    }

    /// A number or duration with a sign before it, or none.
    mutating func signedNumber() throws(ParseError) -> Double {
        var isNegative = false
        if case .operation(let sign) = current.kind, sign == .add || sign == .subtract {
            isNegative = sign == .subtract
            advance()
        }
        let token = current
        guard token.kind == .number || token.kind == .duration else { throw unexpected() }
        advance()
        let value = try Parser.number(token, in: query)
        return isNegative ? -value : value
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
}
