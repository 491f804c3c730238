/// `compare()` made ready to run.
struct ComparisonPlan: Sendable {
    /// What tells the selection from the baseline.
    let filter: Int
    /// How many values of an attribute are shown.
    let topN: Int
    /// Unix nanoseconds: spans of the selection start after `start` and not after `end`; nil for no such bound.
    let window: TimeRange?
    /// The built-in fields that are compared beside all attributes, with their slots. Ids, durations and places in the tree
    /// are not: hardly two spans have the same.
    let fields: [(operand: Operand, slot: Int)]

    init(
        _ filter: FieldExpression?, topN: Int, start: Int64, end: Int64, _ builder: inout PlanBuilder
    ) throws(TraceQLError) {
        self.filter = try builder.filter(filter)
        self.topN = topN
        window = end > 0 ? TimeRange(start: UInt64(clamping: start), end: UInt64(clamping: end)) : nil
        var fields: [(operand: Operand, slot: Int)] = []
        for intrinsic in Self.intrinsics {
            let operand = Operand.intrinsic(intrinsic)
            fields.append((operand, builder.slot(of: operand)))
        }
        self.fields = fields
    }

    private static let intrinsics: [Intrinsic] = [
        .name, .status, .statusMessage, .kind, .rootName, .rootServiceName, .eventName, .instrumentationName,
        .instrumentationVersion,
    ]
}
