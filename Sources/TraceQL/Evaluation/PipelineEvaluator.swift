/// Runs a pipeline over one whole trace at a time.
struct PipelineEvaluator {
    let query: QueryContext
    let plan: PipelinePlan

    /// Spans of one trace that belong together, with what was computed of them.
    struct Spanset {
        /// Indices into `TraceView.spans`, upwards.
        var spans: [Int]
        var attributes: [(key: String, value: Value)] = []
    }

    /// The spansets of a trace that pass all stages; none when the trace does not match.
    func evaluate(_ trace: TraceView) throws(TraceQLError) -> [Spanset] {
        var run = PipelineRun(query: query, trace: trace)
        return try run.apply(plan.stages, to: [Spanset(spans: Array(trace.spans.indices))])
    }

    /// The traces of a table that can match, judging by the spans that lie in it: for whole traces exact as far as single
    /// filters go, for fragments of traces any hint counts.
    func candidates(in context: TableContext) -> Bitmap {
        guard case .spanset(let first)? = plan.stages.first else {
            return Bitmap(count: context.table.traceCount, repeating: true)
        }
        var sides = PipelineCandidates(context: context)
        return sides.traces(first)
    }
}
