/// A metrics query made ready to run.
struct MetricsPlan: Sendable {
    indirect enum Root: Sendable {
        case pipeline(Int)
        case number(Double)
        case arithmetic(BinaryOperator, Root, Root)
        case staged(Root, [PipelineStage])
    }

    /// Spans to series.
    struct Pipeline: Sendable {
        let selection: PipelinePlan
        let function: MetricsFunction
        /// With `compare()`, in which the other parts have no say.
        let comparison: ComparisonPlan?
        let argument: ValuePlan?
        /// By what the argument is divided: nanoseconds become seconds.
        let divisor: Double
        let by: [Int]
        let stages: [PipelineStage]
    }

    let root: Root
    private(set) var pipelines: [Pipeline] = []
    let operands: [Operand]
    let filters: [FilterPlan]

    init(_ query: Query) throws(TraceQLError) {
        guard query.isMetrics else { throw TraceQLError(.type, "\"\(query)\" is not a metrics query") }
        var builder = PlanBuilder()
        var pipelines: [Pipeline] = []
        root = try Self.compile(query.root, &builder, &pipelines)
        self.pipelines = pipelines
        operands = builder.operands
        filters = builder.filters
    }

    private static func compile(
        _ root: Query.Root, _ builder: inout PlanBuilder, _ pipelines: inout [Pipeline]
    ) throws(TraceQLError) -> Root {
        switch root {
        case .number(let value): return .number(value)
        case .arithmetic(let symbol, let left, let right):
            return .arithmetic(
                symbol, try compile(left, &builder, &pipelines), try compile(right, &builder, &pipelines))
        case .staged(let inner, let stages):
            return .staged(try compile(inner, &builder, &pipelines), stages)
        case .pipeline(let stages):
            pipelines.append(try pipeline(stages, &builder))
            return .pipeline(pipelines.count - 1)
        }
    }

    private static func pipeline(
        _ stages: [PipelineStage], _ builder: inout PlanBuilder
    ) throws(TraceQLError) -> Pipeline {
        let selection = try PipelinePlan(stages, &builder)
        for (position, stage) in stages.enumerated() {
            guard case .metrics(let function) = stage else { continue }
            var comparison: ComparisonPlan?
            if case .compare(let filter, let topN, let start, let end) = function.kind {
                comparison = try ComparisonPlan(filter, topN: topN, start: start, end: end, &builder)
            }
            let argument = try function.argument.map { inner throws(TraceQLError) in try builder.value(inner) }
            let isDuration = try function.argument.map { inner throws(TraceQLError) in
                try Checker.type(of: inner) == .duration
            }
            return Pipeline(
                selection: selection, function: function, comparison: comparison, argument: argument,
                divisor: isDuration == true ? 1e9 : 1, by: function.by.map { builder.slot(of: $0) },
                stages: Array(stages[(position + 1)...]))
        }
        throw TraceQLError(.type, "the pipeline has no metrics function")
    }
}
