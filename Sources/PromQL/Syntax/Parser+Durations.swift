/// Durations, which may be computed.
extension Parser {
    /// What a time.Duration of Go can hold, in seconds.
    private static let durationBound = 9_223_372_036.854775807

    /// What stands in brackets.
    mutating func positiveDuration() throws(ParseError) -> DurationExpression {
        let start = current.range.lowerBound
        let duration = try durationExpression(minimum: 4)
        if case .literal(let value, _) = duration.withoutSigns, value * duration.sign <= 0 {
            throw fail("duration must be greater than 0", start..<lastEnd)
        }
        return duration
    }

    /// A signed duration; operators only inside parentheses.
    mutating func offsetDuration() throws(ParseError) -> DurationExpression {
        guard case .operation(let sign) = current.kind, sign == .add || sign == .subtract else {
            return try durationOperand()
        }
        let range = advance().range
        let operand = try durationOperand()
        if sign == .subtract, case .literal(let value, _) = operand, value < -Parser.durationBound {
            throw fail("duration out of range", range)
        }
        return sign == .subtract ? .negate(operand) : operand
    }

    private mutating func durationExpression(minimum: Int) throws(ParseError) -> DurationExpression {
        var left = try durationOperand()
        while case .operation(let operation) = current.kind, operation.precedence >= minimum, operation != .atan2 {
            try countOperator()
            let operatorRange = advance().range
            let right = try durationExpression(minimum: operation == .power ? 6 : operation.precedence + 1)
            if case .literal(0, _) = right, operation == .divide || operation == .modulo {
                throw fail(operation == .divide ? "division by zero" : "modulo by zero", operatorRange)
            }
            left = .binary(operation, left, right)
        }
        return left
    }

    private mutating func durationOperand() throws(ParseError) -> DurationExpression {
        try nest()
        defer { unnest() }
        let token = current
        switch token.kind {
        case .number, .duration:
            advance()
            let value = try Parser.number(token, in: query)
            // NaN passes here and fails when it is used.
            if value.magnitude > Parser.durationBound { throw fail("duration out of range", token.range) }
            return .literal(value, isDuration: token.kind == .duration)
        case .operation(.subtract):
            advance()
            return .negate(try durationExpression(minimum: 6))
        case .operation(.add):
            advance()
            return try durationExpression(minimum: 6)
        case .leftParen:
            advance()
            let inner = try durationExpression(minimum: 4)
            try expect(.rightParen)
            return .parenthesised(inner)
        case .keyword(let keyword) where keyword.isOfDurations:
            advance()
            try expect(.leftParen)
            if keyword == .step || keyword == .range {
                try expect(.rightParen)
                return keyword == .step ? .step : .range
            }
            let first = try durationExpression(minimum: 4)
            try expect(.comma)
            let second = try durationExpression(minimum: 4)
            try expect(.rightParen)
            return keyword == .minOf ? .least(first, second) : .greatest(first, second)
        default: throw unexpected()
        }
    }
}
