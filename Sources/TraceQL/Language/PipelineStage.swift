/// One element between the bars of a pipeline.
package enum PipelineStage: Hashable, Sendable {
    case spanset(SpansetExpression)
    /// A spanset stays when the comparison of two scalars holds.
    case scalarFilter(ScalarExpression, BinaryOperator, ScalarExpression)
    /// One spanset for each value.
    case group(FieldExpression)
    /// All spansets of a trace become one.
    case coalesce
    /// Adds operands to what the answer shows.
    case select([Operand])
    /// Turns spans into series.
    case metrics(MetricsFunction)
    /// Works on series: only behind `metrics`.
    case seriesFilter(BinaryOperator, Literal)
    /// The `n` largest (or smallest) series of each step: only behind `metrics`.
    case top(Int, smallest: Bool)
}

extension PipelineStage: CustomStringConvertible {
    package var description: String {
        switch self {
        case .spanset(let expression): expression.description
        case .scalarFilter(let left, let symbol, let right): "\(left) \(symbol.rawValue) \(right)"
        case .group(let expression): "by(\(expression))"
        case .coalesce: "coalesce()"
        case .select(let operands): "select(" + operands.map(\.description).joined(separator: ", ") + ")"
        case .metrics(let function): function.description
        case .seriesFilter(let symbol, let literal): "\(symbol.rawValue) \(literal)"
        case .top(let count, let smallest): (smallest ? "bottomk" : "topk") + "(\(count))"
        }
    }
}

/// A number computed from one spanset.
package indirect enum ScalarExpression: Hashable, Sendable {
    case literal(Literal)
    /// The expression is nil for `count()` only.
    case aggregate(Aggregate, FieldExpression?)
    /// Parsed, not evaluated.
    case arithmetic(BinaryOperator, ScalarExpression, ScalarExpression)
    /// A pipeline in parentheses that ends in a scalar: parsed, not evaluated.
    case pipeline([PipelineStage], Aggregate, FieldExpression?)
}

/// A function over the spans of one spanset.
package enum Aggregate: String, Hashable, Sendable {
    case count
    case avg
    case min
    case max
    case sum
}

extension ScalarExpression: CustomStringConvertible {
    package var description: String {
        switch self {
        case .literal(let literal): return literal.description
        case .aggregate(let aggregate, let inner): return Self.call(aggregate, inner)
        case .arithmetic(let symbol, let left, let right):
            return
                "\(Self.operandText(left, in: symbol, right: false)) \(symbol.rawValue) \(Self.operandText(right, in: symbol, right: true))"
        case .pipeline(let stages, let aggregate, let inner):
            return "(" + (stages.map(\.description) + [Self.call(aggregate, inner)]).joined(separator: " | ") + ")"
        }
    }

    private static func call(_ aggregate: Aggregate, _ inner: FieldExpression?) -> String {
        "\(aggregate.rawValue)(\(inner?.description ?? ""))"
    }

    private static func operandText(_ side: ScalarExpression, in symbol: BinaryOperator, right: Bool) -> String {
        guard case .arithmetic(let inner, _, _) = side else { return side.description }
        let wrap =
            inner.precedence < symbol.precedence
            || (inner.precedence == symbol.precedence && right != (symbol == .power))
        return wrap ? "(\(side))" : side.description
    }
}
