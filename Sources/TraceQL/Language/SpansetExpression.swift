/// An expression that selects spans of one trace.
package indirect enum SpansetExpression: Hashable, Sendable {
    /// `{ … }`; nil selects every span.
    case filter(FieldExpression?)
    case operation(SpansetOperator, SpansetExpression, SpansetExpression)
    /// A pipeline in parentheses, when it has more than a spanset expression in it.
    case pipeline([PipelineStage])

    fileprivate var precedence: Int {
        if case .operation(let symbol, _, _) = self { return symbol.precedence }
        return 3
    }
}

extension SpansetExpression: CustomStringConvertible {
    package var description: String {
        switch self {
        case .filter(nil): return "{ }"
        case .filter(let expression?): return "{ \(expression) }"
        case .pipeline(let stages): return "(" + stages.map(\.description).joined(separator: " | ") + ")"
        case .operation(let symbol, let left, let right):
            let leftText = left.precedence < symbol.precedence ? "(\(left))" : left.description
            let rightText = right.precedence <= symbol.precedence ? "(\(right))" : right.description
            return "\(leftText) \(symbol) \(rightText)"
        }
    }
}
