/// The first look at a table: which of its traces have spans for all that an expression requires.
struct PipelineCandidates {
    let context: TableContext
    private let fragments: Bitmap

    init(context: TableContext) {
        self.context = context
        let snapshot = context.snapshot
        fragments = Bitmap(count: context.table.traceCount) { trace in
            snapshot.isFragment(TraceRef(table: context.index, trace: trace))
        }
    }

    mutating func traces(_ expression: PipelinePlan.Spanset) -> Bitmap {
        switch expression {
        case .filter(let filter):
            var traces = Bitmap(count: context.table.traceCount)
            context.rows(matching: filter).forEach { traces[Int(context.traceNumbers[$0])] = true }
            return traces
        case .pipeline(let stages):
            guard case .spanset(let first)? = stages.first else {
                return Bitmap(count: context.table.traceCount, repeating: true)
            }
            return traces(first)
        case .operation(let symbol, let left, let right):
            var result = traces(left)
            let other = traces(right)
            switch symbol {
            case .or: result.formUnion(other)
            case .negated: return other
            case .and, .structural, .union:
                var either = result
                either.formUnion(other)
                either.formIntersection(fragments)
                result.formIntersection(other)
                result.formUnion(either)
            }
            return result
        }
    }
}
