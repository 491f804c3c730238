/// Durations, which may be computed.
extension Parser {
    /// What a time.Duration of Go can hold, in seconds.
    private static let durationBound = 9_223_372_036.854775807

    /// What stands in brackets.
    mutating func positiveDuration() throws(ParseError) -> DurationExpression {
        let duration = try durationExpression(minimum: 4)
        if case .literal(let value, _) = duration.withoutSigns.form, value * duration.sign <= 0 {
            throw fail("duration must be greater than 0", duration.range)
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
        if sign == .subtract, case .literal(let value, _) = operand.form, value < -Parser.durationBound {
            throw fail("duration out of range", range)
        }
        return Parser.signed(operand, isNegative: sign == .subtract, from: range.lowerBound)
    }

    private mutating func durationExpression(minimum: Int) throws(ParseError) -> DurationExpression {
        var left = try durationOperand()
        while case .operation(let operation) = current.kind, operation.precedence >= minimum, operation != .atan2 {
            try countOperator()
            let operatorRange = advance().range
            let right = try durationExpression(minimum: operation == .power ? 6 : operation.precedence + 1)
            if case .literal(0, _) = right.withoutSigns.form, operation == .divide || operation == .modulo {
                throw fail(operation == .divide ? "division by zero" : "modulo by zero", operatorRange)
            }
            left = DurationExpression(
                .binary(operation, left, right), left.range.lowerBound..<right.range.upperBound)
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
            return DurationExpression(.literal(value, isDuration: token.kind == .duration), token.range)
        case .operation(.subtract), .operation(.add):
            advance()
            return Parser.signed(
                try durationExpression(minimum: 6), isNegative: token.kind == .operation(.subtract),
                from: token.range.lowerBound)
        case .leftParen:
            advance()
            let inner = try durationExpression(minimum: 4)
            try expect(.rightParen)
            // Around a number the parentheses are an operation of their own, which begins with the first of them.
            let start = inner.isLiteral ? token.range.lowerBound : inner.range.lowerBound
            return DurationExpression(.parenthesised(inner), start..<inner.range.upperBound)
        case .keyword(let keyword) where keyword.isOfDurations:
            advance()
            try expect(.leftParen)
            if keyword == .step || keyword == .range {
                try expect(.rightParen)
                return DurationExpression(keyword == .step ? .step : .range, token.range.lowerBound..<lastEnd)
            }
            let first = try durationExpression(minimum: 4)
            try expect(.comma)
            let second = try durationExpression(minimum: 4)
            try expect(.rightParen)
            return DurationExpression(
                keyword == .minOf ? .least(first, second) : .greatest(first, second),
                first.range.lowerBound..<second.range.upperBound)
        default: throw unexpected()
        }
    }

    /// An operand behind a sign that stands at `start`. A plus is part of a number and else nothing.
    private static func signed(_ operand: DurationExpression, isNegative: Bool, from start: Int) -> DurationExpression {
        let range = start..<operand.range.upperBound
        if isNegative { return DurationExpression(.negate(operand), range) }
        return operand.isLiteral ? DurationExpression(operand.form, range) : operand
    }
}
