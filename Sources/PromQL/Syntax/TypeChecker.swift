import MartletCore

/// Checks the types of a parsed expression, with Prometheus' complaints.
struct TypeChecker {
    let query: [UInt8]

    /// The expression with matching rules only where two vectors meet, or an error.
    func checked(_ expression: Expression) throws(ParseError) -> Expression {
        switch expression {
        case .number, .string: return expression
        case .parenthesised(let inner, let range): return .parenthesised(try checked(inner), range: range)
        case .unary(let isMinus, let inner, let range):
            let operand = try checked(inner)
            guard operand.type == .scalar || operand.type == .vector else {
                throw fail(
                    "unary expression only allowed on expressions of type scalar or instant vector, "
                        + "got \(GoQuote.quote(operand.type.documented))", range)
            }
            return .unary(isMinus: isMinus, operand, range: range)
        case .binary(let node): return .binary(try binary(node))
        case .aggregate(var node):
            node.expression = try checked(node.expression)
            try expect(node.expression, .vector, "aggregation expression")
            if let type = node.operation.parameterType, let parameter = node.parameter {
                let checkedParameter = try checked(parameter)
                node.parameter = checkedParameter
                try expect(checkedParameter, type, "aggregation parameter")
            }
            return .aggregate(node)
        case .call(let node): return .call(try call(node))
        case .selector(let node):
            try selector(node)
            return expression
        case .matrix(let node):
            try selector(node.selector)
            return expression
        case .subquery(var node):
            node.expression = try checked(node.expression)
            guard node.expression.type == .vector else {
                throw fail(
                    "subquery is only allowed on instant vector, got \(node.expression.type.rawValue) instead",
                    node.range)
            }
            return .subquery(node)
        }
    }

    private func binary(_ original: Expression.Binary) throws(ParseError) -> Expression.Binary {
        var node = original
        node.left = try checked(node.left)
        node.right = try checked(node.right)
        let types = (node.left.type, node.right.type)
        let operation = node.operation
        if node.returnsBool, !operation.isComparison {
            throw fail("bool modifier can only be used on comparison operators", operatorRange(node))
        }
        if operation.isComparison, !node.returnsBool, types == (.scalar, .scalar) {
            throw fail("comparisons between scalars must use BOOL modifier", operatorRange(node))
        }
        if let matching = node.matching, matching.on {
            for label in matching.labels where matching.include.contains(label) {
                throw fail(
                    "label \(GoQuote.quote(label)) must not occur in ON and GROUP clause at once",
                    operatorRange(node))
            }
        }
        for side in [node.left, node.right] where side.type != .scalar && side.type != .vector {
            throw fail("binary expression must contain only scalar and instant vector types", side.range)
        }
        if types != (.vector, .vector) {
            if let matching = node.matching, !matching.labels.isEmpty {
                throw fail("vector matching only allowed between instant vectors", node.range)
            }
            if node.matching?.fillLeft != nil || node.matching?.fillRight != nil {
                throw fail("filling in missing series only allowed between instant vectors", node.range)
            }
            if operation.isSet {
                throw fail(
                    "set operator \(GoQuote.quote(operation.rawValue)) not allowed in binary scalar expression",
                    node.range)
            }
            node.matching = nil
        } else if operation.isSet {
            if node.matching?.cardinality != .manyToMany {
                throw fail("no grouping allowed for \(GoQuote.quote(operation.rawValue)) operation", node.range)
            }
            if node.matching?.fillLeft != nil || node.matching?.fillRight != nil {
                throw fail("filling in missing series not allowed for set operators", node.range)
            }
        }
        return node
    }

    private func call(_ original: Expression.Call) throws(ParseError) -> Expression.Call {
        var node = original
        let function = node.function
        let name = GoQuote.quote(function.name)
        let (declared, given) = (function.arguments.count, node.arguments.count)
        if function.variadic == 0 {
            guard given == declared else {
                throw fail("expected \(declared) argument(s) in call to \(name), got \(given)", node.range)
            }
        } else {
            let least = declared - 1
            guard given >= least else {
                throw fail("expected at least \(least) argument(s) in call to \(name), got \(given)", node.range)
            }
            if function.variadic > 0, given > least + function.variadic {
                throw fail(
                    "expected at most \(least + function.variadic) argument(s) in call to \(name), got \(given)",
                    node.range)
            }
        }
        if function.name == "info", given > 1 {
            try infoSelector(node)
            node.arguments[0] = try checked(node.arguments[0])
            try expect(node.arguments[0], .vector, "call to function \(name)")
            return node
        }
        for position in node.arguments.indices {
            node.arguments[position] = try checked(node.arguments[position])
            try expect(
                node.arguments[position], function.arguments[min(position, declared - 1)],
                "call to function \(name)")
        }
        return node
    }

    /// The second argument of `info`: matchers alone, which may all match nothing.
    private func infoSelector(_ node: Expression.Call) throws(ParseError) {
        let argument = node.arguments[1]
        guard argument.type == .vector else {
            throw fail(
                "expected type instant vector in call to function \"info\", got \(argument.type.documented)",
                node.range)
        }
        guard case .selector(let selector) = argument else {
            throw fail("expected label selectors only", argument.range)
        }
        guard selector.name.isEmpty else {
            throw fail("expected label selectors only, got vector selector instead", argument.range)
        }
    }

    private func selector(_ node: Expression.Selector) throws(ParseError) {
        if !node.name.isEmpty {
            for matcher in node.matchers.dropLast() where matcher.name == Labels.metricName {
                throw fail(
                    "metric name must not be set twice: \(GoQuote.quote(node.name)) or \(GoQuote.quote(matcher.value))",
                    node.range)
            }
        } else if node.matchers.allSatisfy(\.matchesEmpty) {
            throw fail("vector selector must contain at least one non-empty matcher", node.range)
        }
    }

    private func expect(_ expression: Expression, _ type: ValueType, _ context: String) throws(ParseError) {
        guard expression.type != type else { return }
        throw fail(
            "expected type \(type.documented) in \(context), got \(expression.type.documented)", expression.range)
    }

    /// Where a binary expression's operator stands.
    private func operatorRange(_ node: Expression.Binary) -> Range<Int> {
        var start = node.left.range.upperBound
        while start < query.count, [0x20, 0x09, 0x0a, 0x0d].contains(query[start]) { start += 1 }
        return start..<min(start + node.operation.rawValue.utf8.count, query.count)
    }

    private func fail(_ message: String, _ range: Range<Int>) -> ParseError {
        ParseError(message, at: range, in: query)
    }
}
