/// The spans of a range that a pipeline selects.
struct PipelineSpans {
    let plan: PipelinePlan
    let context: QueryContext
    let range: TimeRange
    let memory: QueryMemory

    /// Calls `rows` with all that are in a table where the tables can be read one after the other, else `row` with each
    /// span, once for each spanset that it is in. The tables may hold rows outside of the range, too.
    ///
    /// - Throws: as `QueryMemory.check`; `CancellationError`.
    func forEach(rows: (TableContext, Bitmap) -> Void, row: (TableContext, Int) -> Void) throws {
        guard plan.stages.count == 1, case .spanset(.filter(let filter)) = plan.stages[0] else {
            return try forEachOfTraces(row)
        }
        for index in context.tables(overlapping: range) {
            try context.cancellation?.check()
            let table = context.context(index)
            rows(table, table.rows(matching: filter))
            context.forget(index)
            try memory.check()
        }
    }

    private func forEachOfTraces(_ body: (TableContext, Int) -> Void) throws {
        let evaluator = PipelineEvaluator(query: context, plan: plan)
        var seen: Set<TraceKey> = []
        for index in context.tables(overlapping: range) {
            var candidates: [Int] = []
            evaluator.candidates(in: context.context(index)).forEach { candidates.append($0) }
            for number in candidates {
                try context.cancellation?.check()
                let ref = TraceRef(table: index, trace: number)
                let trace = context.trace(ref)
                // A trace in several tables is a candidate in each and counts once.
                if trace.fragments.count > 1, !seen.insert(TraceKey(trace.id)).inserted { continue }
                for set in try evaluator.evaluate(trace) {
                    for span in set.spans {
                        let span = trace.spans[span]
                        body(context.context(Int(span.table)), Int(span.row))
                    }
                }
                try memory.check()
            }
        }
    }
}
