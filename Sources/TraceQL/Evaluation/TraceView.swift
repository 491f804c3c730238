/// All live spans of one trace, from all tables, in order of arrival.
struct TraceView {
    let id: (high: UInt64, low: UInt64)
    let fragments: [TraceRef]
    let spans: [SpanRef]
    let bounds: (start: UInt64, end: UInt64)

    /// Parents and ids of the spans.
    func tree(_ query: QueryContext) -> TraceTree {
        var ids: [UInt64] = []
        var parentIDs: [UInt64] = []
        var starts: [UInt64] = []
        ids.reserveCapacity(spans.count)
        parentIDs.reserveCapacity(spans.count)
        starts.reserveCapacity(spans.count)
        for span in spans {
            let context = query.context(Int(span.table))
            ids.append(context.spanIDs[Int(span.row)])
            parentIDs.append(context.parentIDs[Int(span.row)])
            starts.append(context.startTimes[Int(span.row)])
        }
        return TraceTree(ids: ids, parentIDs: parentIDs, starts: starts)
    }
}
