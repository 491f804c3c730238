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
