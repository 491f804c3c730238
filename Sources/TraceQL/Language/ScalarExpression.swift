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
