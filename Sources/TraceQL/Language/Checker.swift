/// Finds queries whose operands and operators do not fit, and those that parse but are not evaluated.
enum Checker {
    static func check(_ query: Query) throws(TraceQLError) {
        try check(query.root)
    }

    private static func check(_ root: Query.Root) throws(TraceQLError) {
        switch root {
        case .number: break
        case .arithmetic(let symbol, let left, let right):
            guard [.add, .subtract, .multiply, .divide].contains(symbol) else {
                throw TraceQLError(.unsupported, "operator \(symbol.rawValue) between metrics queries")
            }
            for side in [left, right] {
                guard side.isMetrics else { throw TraceQLError(.type, "\(side) is not a metrics query") }
                try check(side)
            }
        case .staged(let inner, let stages):
            try check(inner)
            for stage in stages { try checkSeriesStage(stage) }
        case .pipeline(let stages):
            try check(stages)
        }
    }

    private static func check(_ stages: [PipelineStage]) throws(TraceQLError) {
        var isSeries = false
        for stage in stages {
            if isSeries {
                try checkSeriesStage(stage)
                continue
            }
            switch stage {
            case .spanset(let expression): try check(expression)
            case .scalarFilter(let left, let symbol, let right): try checkScalarFilter(left, symbol, right)
            case .group(let expression):
                _ = try type(of: expression)
                try requireOperand(in: expression, of: "by()")
            case .coalesce: break
            case .select(let operands): for operand in operands { try checkOperand(operand) }
            case .metrics(let function):
                try check(function)
                isSeries = true
            case .seriesFilter, .top:
                throw TraceQLError(.type, "\"\(stage)\" needs a metrics function before it")
            }
        }
    }

    private static func checkSeriesStage(_ stage: PipelineStage) throws(TraceQLError) {
        switch stage {
        case .top: break
        case .seriesFilter(_, let literal):
            guard literal.number != nil else {
                throw TraceQLError(.type, "series are compared with numbers, not with \(literal)")
            }
        default: throw TraceQLError(.type, "\"\(stage)\" cannot follow a metrics function")
        }
    }

    private static func check(_ function: MetricsFunction) throws(TraceQLError) {
        for operand in function.by { try checkOperand(operand) }
        if let argument = function.argument {
            let found = try type(of: argument)
            guard found.isNumeric else {
                throw TraceQLError(.type, "\(function.name)() needs a number, \(argument) is a \(found.rawValue)")
            }
            try requireOperand(in: argument, of: "\(function.name)()")
        }
        if case .compare(let filter, _, _, _) = function.kind, let filter { try checkFilter(filter) }
    }

    private static func check(_ expression: SpansetExpression) throws(TraceQLError) {
        switch expression {
        case .filter(let filter): if let filter { try checkFilter(filter) }
        case .pipeline(let stages):
            try check(stages)
        case .operation(_, let left, let right):
            try check(left)
            try check(right)
        }
    }

    private static func checkFilter(_ filter: FieldExpression) throws(TraceQLError) {
        let found = try type(of: filter)
        guard found == .bool || found == .attribute else {
            throw TraceQLError(.type, "a span filter must be a condition, \(filter) is a \(found.rawValue)")
        }
    }

    private static func checkScalarFilter(
        _ left: ScalarExpression, _ symbol: BinaryOperator, _ right: ScalarExpression
    ) throws(TraceQLError) {
        switch (left, right) {
        case (.aggregate(let aggregate, let inner), .literal(let literal)),
            (.literal(let literal), .aggregate(let aggregate, let inner)):
            guard literal.number != nil else {
                throw TraceQLError(.type, "\(aggregate.rawValue)() is compared with numbers, not with \(literal)")
            }
            guard let inner else { return }
            let found = try type(of: inner)
            guard found.isNumeric else {
                throw TraceQLError(.type, "\(aggregate.rawValue)() needs a number, \(inner) is a \(found.rawValue)")
            }
            try requireOperand(in: inner, of: "\(aggregate.rawValue)()")
        case (.literal, .literal):
            throw TraceQLError(.syntax, "\"\(left) \(symbol.rawValue) \(right)\" compares two constants")
        default:
            throw TraceQLError(
                .unsupported,
                "\"\(left) \(symbol.rawValue) \(right)\": only one aggregate compared with a constant is evaluated")
        }
    }

    private static func requireOperand(in expression: FieldExpression, of function: String) throws(TraceQLError) {
        var found = false
        expression.forEachOperand { _ in found = true }
        guard found else {
            throw TraceQLError(.type, "\(function) must name a field of the span, \(expression) does not")
        }
    }

    private static func checkOperand(_ operand: Operand) throws(TraceQLError) {
        if case .parent = operand { throw TraceQLError(.unsupported, "\(operand): fields of the parent span") }
    }

    // MARK: Types

    static func type(of expression: FieldExpression) throws(TraceQLError) -> ValueType {
        switch expression {
        case .literal(let literal): return literal.type
        case .operand(let operand):
            try checkOperand(operand)
            if case .intrinsic(let intrinsic) = operand { return intrinsic.type }
            return .attribute
        case .unary(.not, let inner):
            let found = try type(of: inner)
            guard found == .bool || found == .attribute else {
                throw TraceQLError(.type, "! needs a condition, \(inner) is a \(found.rawValue)")
            }
            return .bool
        case .unary(.negate, let inner):
            let found = try type(of: inner)
            guard found.isNumeric else {
                throw TraceQLError(.type, "- needs a number, \(inner) is a \(found.rawValue)")
            }
            return found
        case .binary(let symbol, let left, let right):
            return try type(of: symbol, left, right, in: expression)
        }
    }

    private static func type(
        of symbol: BinaryOperator, _ left: FieldExpression, _ right: FieldExpression, in whole: FieldExpression
    ) throws(TraceQLError) -> ValueType {
        let (first, second) = (try type(of: left), try type(of: right))
        let mismatch = TraceQLError(
            .type, "\(symbol.rawValue) does not fit a \(first.rawValue) and a \(second.rawValue) in \"\(whole)\"")
        if symbol.isLogical {
            for found in [first, second] where found != .bool && found != .attribute { throw mismatch }
            return .bool
        }
        if symbol.isArithmetic {
            guard first.isNumeric, second.isNumeric else { throw mismatch }
            if first == .attribute || second == .attribute { return .attribute }
            if first == .duration || second == .duration { return .duration }
            return first == .float || second == .float ? .float : .int
        }
        if symbol == .regex || symbol == .notRegex {
            guard first == .string || first == .attribute, case .literal(.string) = right else { throw mismatch }
            return .bool
        }
        if first == .nil || second == .nil {
            let other = first == .nil ? right : left
            guard symbol == .equal || symbol == .notEqual else { throw mismatch }
            if case .operand = other, symbol == .notEqual { return .bool }
            if case .literal(.nil) = other { return .bool }
            guard case .operand(.attribute(let scope, let name)) = other,
                !(scope == .resource && name == "service.name")
            else {
                throw TraceQLError(.type, "only attributes that may be absent are compared with nil, not \(other)")
            }
            return .bool
        }
        let fits =
            first == .attribute || second == .attribute || (first.isNumeric && second.isNumeric) || first == second
        let ordered = [.string, .attribute].contains(first) || first.isNumeric
        let otherOrdered = [.string, .attribute].contains(second) || second.isNumeric
        guard fits, symbol == .equal || symbol == .notEqual || (ordered && otherOrdered) else { throw mismatch }
        return .bool
    }
}
