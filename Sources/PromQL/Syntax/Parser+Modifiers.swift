import MartletCore

/// What follows an operand: ranges, subqueries, `offset`, `@`, `anchored` and `smoothed`.
extension Parser {
    mutating func postfix() throws(ParseError) -> Expression {
        var expression = try primary()
        while true {
            switch current.kind {
            case .leftBracket: expression = try bracket(expression)
            case .keyword(.offset):
                advance()
                enter("offset", expecting: "number, duration, step(), or range()")
                let offset = try offsetDuration()
                leave()
                expression = try with(
                    \.offset, \.offset, offset, on: expression, name: "offset", title: "offset")
            case .at:
                advance()
                enter("@", expecting: "timestamp")
                let at = try atTime(expression)
                leave()
                expression = try with(\.at, \.at, at, on: expression, name: "@", title: "@ <timestamp>")
            case .keyword(.anchored): expression = try withBoundary(expression, .anchored)
            case .keyword(.smoothed): expression = try withBoundary(expression, .smoothed)
            default: return expression
            }
        }
    }

    private mutating func bracket(_ expression: Expression) throws(ParseError) -> Expression {
        try countOperator()
        let bracket = advance().range.lowerBound
        enter("subquery or range selector", expecting: "number, duration, step(), or range()")
        let duration = try positiveDuration()
        leave()
        let start = expression.range.lowerBound
        if take(.rightBracket) {
            guard case .selector(let selector) = expression else {
                throw fail("ranges only allowed for vector selectors", bracket..<lastEnd)
            }
            if selector.offset != nil { throw fail("no offset modifiers allowed before range", bracket..<lastEnd) }
            if selector.at != nil { throw fail("no @ modifiers allowed before range", bracket..<lastEnd) }
            return .matrix(Expression.Matrix(selector: selector, duration: duration, range: start..<lastEnd))
        }
        try expect(.colon, "subquery or range", "\":\" or \"]\"")
        var step: DurationExpression?
        if current.kind != .rightBracket {
            enter("subquery selector", expecting: "number, duration, step(), range(), or \"]\"")
            step = try positiveDuration()
            leave()
        }
        try expect(.rightBracket, "subquery selector", "\"]\"")
        return .subquery(
            Expression.Subquery(
                expression: expression, duration: duration, step: step, offset: nil, at: nil, range: start..<lastEnd))
    }

    // MARK: offset

    // MARK: offset and @

    /// The expression with its offset or its time set.
    private func with<Value>(
        _ modifier: WritableKeyPath<Expression.Selector, Value?>,
        _ ofSubquery: WritableKeyPath<Expression.Subquery, Value?>,
        _ value: Value, on expression: Expression, name: String, title: String
    ) throws(ParseError) -> Expression {
        let range = expression.range.lowerBound..<lastEnd
        let isFree: Bool
        let result: Expression
        switch expression {
        case .selector(var selector):
            isFree = selector[keyPath: modifier] == nil
            selector[keyPath: modifier] = value
            selector.range = range
            result = .selector(selector)
        case .matrix(var matrix):
            isFree = matrix.selector[keyPath: modifier] == nil
            matrix.selector[keyPath: modifier] = value
            matrix.range = range
            result = .matrix(matrix)
        case .subquery(var subquery):
            isFree = subquery[keyPath: ofSubquery] == nil
            subquery[keyPath: ofSubquery] = value
            subquery.range = range
            result = .subquery(subquery)
        default:
            throw fail(
                "\(name) modifier must be preceded by an instant vector selector or range vector selector or a subquery",
                expression.range)
        }
        guard isFree else { throw fail("\(title) may not be set multiple times", expression.range) }
        return result
    }

    private mutating func atTime(_ expression: Expression) throws(ParseError) -> Expression.At {
        if isKeyword(.start) || isKeyword(.end), following.kind == .leftParen {
            let isStart = isKeyword(.start)
            advance()
            advance()
            try expect(.rightParen)
            return isStart ? .start : .end
        }
        let seconds = try signedNumber()
        let milliseconds = (seconds * 1000).rounded()
        guard milliseconds.magnitude < Engine.timeBound else {
            throw fail(
                "timestamp out of bounds for @ modifier: \(Printf.text("%f", seconds))", expression.range)
        }
        return .time(Int64(milliseconds))
    }

    // MARK: anchored and smoothed

    private mutating func withBoundary(
        _ expression: Expression, _ boundary: Expression.Boundary
    ) throws(ParseError) -> Expression {
        advance()
        let name = boundary.rawValue
        guard options.extendedRangeSelectors else {
            throw fail("\(name) modifier is experimental and not enabled", expression.range)
        }
        let before: Expression.Boundary?
        let result: Expression
        switch expression {
        case .selector(var selector):
            before = selector.boundary
            selector.boundary = boundary
            result = .selector(selector)
        case .matrix(var matrix):
            before = matrix.selector.boundary
            matrix.selector.boundary = boundary
            result = .matrix(matrix)
        case .subquery: throw fail("\(name) modifier is not supported for subqueries", expression.range)
        default: throw fail("\(name) modifier not implemented", expression.range)
        }
        if let before, before != boundary {
            throw fail("anchored and smoothed modifiers cannot be used together", expression.range)
        }
        return result
    }
}
