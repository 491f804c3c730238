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

extension PipelineStage {
    /// Whether series come out of the stage.
    var givesSeries: Bool {
        switch self {
        case .metrics, .seriesFilter, .top: true
        default: false
        }
    }

    /// The stages as a query has them, behind what stands before them.
    static func text(_ stages: [PipelineStage], after start: String = "") -> String {
        var text = start
        for stage in stages {
            if case .seriesFilter = stage { text += " " } else if !text.isEmpty { text += " | " }
            text += stage.description
        }
        return text
    }
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
