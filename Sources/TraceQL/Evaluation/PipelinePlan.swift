/// The spanset part of a query made ready to run.
struct PipelinePlan: Sendable {
    enum Stage: Sendable {
        case spanset(Spanset)
        case scalar(Scalar)
        case group(ValuePlan, text: String, isDuration: Bool)
        case coalesce
    }

    indirect enum Spanset: Sendable {
        case filter(Int)
        case operation(SpansetOperator, Spanset, Spanset)
        case pipeline([Stage])
    }

    /// An aggregate compared with a constant.
    struct Scalar: Sendable {
        let aggregate: Aggregate
        let argument: ValuePlan?
        let isDuration: Bool
        /// The aggregate as the answer names it.
        let text: String
        let symbol: BinaryOperator
        let constant: Value
    }

    let stages: [Stage]
    /// Slots of the operands that the query names, in text order.
    let shown: [Int]

    init(_ stages: [PipelineStage], _ builder: inout PlanBuilder) throws(TraceQLError) {
        var shown: [Operand] = []
        self.stages = try Self.compile(stages, &builder, &shown)
        var seen: Set<Operand> = []
        self.shown = shown.filter { seen.insert($0).inserted }.map { builder.slot(of: $0) }
    }

    private static func compile(
        _ stages: [PipelineStage], _ builder: inout PlanBuilder, _ shown: inout [Operand]
    ) throws(TraceQLError) -> [Stage] {
        var compiled: [Stage] = []
        for stage in stages {
            switch stage {
            case .spanset(let expression):
                compiled.append(.spanset(try compile(expression, &builder, &shown)))
            case .scalarFilter(let left, let symbol, let right):
                compiled.append(.scalar(try scalar(left, symbol, right, &builder, &shown)))
            case .group(let expression):
                expression.forEachOperand { shown.append($0) }
                compiled.append(
                    .group(
                        try builder.value(expression), text: "by(\(expression))",
                        isDuration: try Checker.type(of: expression) == .duration))
            case .coalesce:
                compiled.append(.coalesce)
            case .select(let operands):
                shown += operands
            case .metrics, .seriesFilter, .top:
                // The metrics engine takes over from here.
                return compiled
            }
        }
        return compiled
    }

    private static func compile(
        _ expression: SpansetExpression, _ builder: inout PlanBuilder, _ shown: inout [Operand]
    ) throws(TraceQLError) -> Spanset {
        switch expression {
        case .filter(let filter):
            filter?.forEachOperand { shown.append($0) }
            return .filter(try builder.filter(filter))
        case .operation(let symbol, let left, let right):
            return .operation(symbol, try compile(left, &builder, &shown), try compile(right, &builder, &shown))
        case .pipeline(let stages):
            return .pipeline(try compile(stages, &builder, &shown))
        }
    }

    private static func scalar(
        _ left: ScalarExpression, _ symbol: BinaryOperator, _ right: ScalarExpression, _ builder: inout PlanBuilder,
        _ shown: inout [Operand]
    ) throws(TraceQLError) -> Scalar {
        let aggregate: Aggregate
        let argument: FieldExpression?
        let literal: Literal
        let comparison: BinaryOperator
        switch (left, right) {
        case (.aggregate(let found, let inner), .literal(let constant)):
            (aggregate, argument, literal, comparison) = (found, inner, constant, symbol)
        case (.literal(let constant), .aggregate(let found, let inner)):
            (aggregate, argument, literal, comparison) = (found, inner, constant, symbol.mirrored)
        default:
            throw TraceQLError(.unsupported, "\"\(left) \(symbol.rawValue) \(right)\"")
        }
        argument?.forEachOperand { shown.append($0) }
        let isDuration =
            try argument.map { inner throws(TraceQLError) in try Checker.type(of: inner) == .duration } ?? false
        return Scalar(
            aggregate: aggregate, argument: try argument.map { inner throws(TraceQLError) in try builder.value(inner) },
            isDuration: isDuration, text: ScalarExpression.aggregate(aggregate, argument).description,
            symbol: comparison,
            constant: Value(literal))
    }
}
