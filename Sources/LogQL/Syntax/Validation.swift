import MartletCore

/// What the grammar allows and LogQL does not.
enum Validation {
    /// Checks that concern the query as a whole.
    static func check(_ expression: QueryExpression) throws(LogQueryError) {
        for log in expression.selectors where log.matchers.allSatisfy(\.matchesEmpty) {
            let example = log.matchers.first { $0.kind == .regex && $0.value.hasSuffix("*") }
            let name = example?.name ?? "app"
            throw .parse(
                "queries require at least one regexp or equality matcher that does not have an empty-compatible value. "
                    + "For instance, \(name)=~\".*\" does not meet this requirement, but \(name)=~\".+\" will")
        }
    }

    static func range(_ aggregation: RangeAggregation) throws(LogQueryError) {
        let operation = aggregation.operation
        let longest: Int64 = 1 << 60
        guard aggregation.range.range < longest, aggregation.range.offset.magnitude < longest.magnitude else {
            throw .parse("the range or offset of \(operation.rawValue) is out of range")
        }
        if let needs = operation.needsUnwrap, needs != (aggregation.range.unwrap != nil) {
            throw .parse("invalid aggregation \(operation.rawValue) \(needs ? "without" : "with") unwrap")
        }
        if aggregation.grouping != nil, !operation.takesGrouping {
            throw .parse("grouping not allowed for \(operation.rawValue) aggregation")
        }
    }

    static func aggregation(_ aggregation: VectorAggregation) throws(LogQueryError) {
        switch aggregation.operation {
        case .sort, .sortDescending:
            guard aggregation.grouping?.names.isEmpty ?? true else {
                throw .parse("sort and sort_desc doesn't allow grouping by ")
            }
        case .approximateTopk:
            guard aggregation.grouping == nil else {
                throw .parse("grouping not allowed for \(aggregation.operation.rawValue) aggregation")
            }
        default: break
        }
    }

    /// Checks an operation, and folds one of two numbers.
    static func binary(_ binary: BinaryOperation, at token: Token) throws(LogQueryError) -> QueryExpression {
        for (side, expression) in [("left", binary.left), ("right", binary.right)] {
            guard case .log(let log) = expression else { continue }
            // What Go calls the type.
            let type = log.stages.isEmpty ? "*syntax.MatchersExpr" : "*syntax.PipelineExpr"
            throw .parse(
                "unexpected type for \(side) leg of binary operation (\(binary.operation.rawValue)): \(type)")
        }
        let left = number(binary.left)
        let right = number(binary.right)
        if binary.operation.isSet {
            for (side, value) in [("left", left), ("right", right)] {
                guard let value else { continue }
                throw .parse(
                    "unexpected literal for \(side) leg of logical/set binary operation (\(binary.operation.rawValue)): \(Printf.text("%f", value))"
                )
            }
        }
        if binary.returnsBool, !binary.operation.isComparison {
            throw .parse("bool modifier can only be used on comparison operators")
        }
        if let left, let right {
            return .number(Arithmetic.scalar(binary.operation, left, right))
        }
        return .binary(binary)
    }

    private static func number(_ expression: QueryExpression) -> Double? {
        if case .number(let value) = expression { value } else { nil }
    }
}
