/// Rows of one table that `compare()` counts.
struct ComparedRows {
    enum Side: Int, CaseIterable {
        case baseline = 0
        case selection = 1

        /// The label of the side's values.
        var label: String { self == .baseline ? "baseline" : "selection" }
    }

    let baseline: Bitmap
    let selection: Bitmap

    subscript(side: Side) -> Bitmap { side == .baseline ? baseline : selection }

    /// Divides rows of a table, and leaves out those that are in no step.
    init(_ rows: Bitmap, of table: TableContext, _ plan: ComparisonPlan, _ steps: MetricSteps) {
        let starts = table.startTimes
        var counted = Bitmap(count: rows.count)
        rows.forEach { if steps.index(of: starts[$0]) != nil { counted[$0] = true } }
        var selection = counted
        if !counted.isEmpty { selection.formIntersection(table.rows(matching: plan.filter)) }
        if let window = plan.window {
            selection.forEach { row in
                if starts[row] <= window.start || starts[row] > window.end { selection[row] = false }
            }
        }
        counted.subtract(selection)
        baseline = counted
        self.selection = selection
    }

    var isEmpty: Bool { baseline.isEmpty && selection.isEmpty }
}
