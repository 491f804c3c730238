import MartletCore
import SampleMath

/// Operators between two expressions of which at least one is a vector.
extension Evaluator {
    // MARK: Vector and scalar

    func scalarBinary(_ node: Expression.Binary, _ grid: StepGrid, _ sink: Sink) throws(QueryError) {
        let scalarIsLeft = node.left.type == .scalar
        let scalars = try scalar(scalarIsLeft ? node.left : node.right, grid)
        let operation = node.operation
        // A comparison without bool lets samples through or not; their value stays the vector's.
        let filters = operation.isComparison && !node.returnsBool
        try withBuckets(needsBuckets || operation.isTrim) { () throws(QueryError) in
            try stream(scalarIsLeft ? node.right : node.left, grid) { labels, dropsName, column throws(QueryError) in
                var any = false
                for step in column.values.indices where !Missing.isMissing(column.values[step]) {
                    if operation.isTrim {
                        noteIncompatible(node, "float", "float")
                        column.values[step] = Missing.value
                        continue
                    }
                    let value = column.values[step]
                    let result =
                        scalarIsLeft
                        ? ScalarMath.compute(operation, scalars[step], value)
                        : ScalarMath.compute(operation, value, scalars[step])
                    if !filters {
                        column.values[step] = result
                    } else if result == 0 {
                        column.values[step] = Missing.value
                    }
                    if !filters || result != 0 { any = true }
                }
                if column.hasHistograms {
                    for step in 0..<column.count {
                        guard let histogram = column.histograms[step] else { continue }
                        let result = HistogramMath.compute(
                            operation, histogram, scalars[step], scalarIsLeft: scalarIsLeft)
                        if let result {
                            column.set(step, result)
                        } else {
                            noteIncompatible(
                                node, scalarIsLeft ? "float" : "histogram", scalarIsLeft ? "histogram" : "float")
                            column.clear(step)
                        }
                    }
                    any = column.isPresentAnywhere
                }
                guard any else { return }
                if operation.keepsMetricName, !node.returnsBool {
                    try sink(labels, dropsName, &column)
                } else {
                    try emitWithoutName(labels, &column, sink)
                }
            }
        }
    }

    /// Remarks that an operator makes nothing of two kinds of samples.
    func noteIncompatible(_ node: Expression.Binary, _ left: String, _ right: String) {
        let operation = node.operation.rawValue
        annotations.inform(
            "incompatible sample types encountered for binary operator \(GoQuote.quote(operation)): "
                + "\(left) \(operation) \(right)", at: node.range)
    }

    // MARK: Vector and vector

    func vectorBinary(_ node: Expression.Binary, _ grid: StepGrid) throws(QueryError) -> StepVector {
        let matching = node.matching ?? VectorMatching()
        // Histograms are the same when their buckets are.
        let compares = node.operation == .equal || node.operation == .notEqual || node.operation.isTrim
        let before = context.holding
        let (left, right) = try withBuckets(needsBuckets || compares) { () throws(QueryError) in
            (try vector(node.left, grid), try vector(node.right, grid))
        }
        // What comes out is accounted for beside them.
        let operands = context.holding - before
        defer { context.release(operands) }
        let subset =
            matching.on
            ? LabelSubset(keeping: matching.labels) : LabelSubset(dropping: matching.labels + [Labels.metricName])
        if node.operation.isSet { return try SetOperation.combined(node.operation, left, right, subset, self) }
        let swapped = matching.cardinality == .oneToMany
        var join = VectorJoin(
            node: node, matching: matching, subset: subset, many: swapped ? right : left, one: swapped ? left : right,
            delayedNameRemoval: options.delayedNameRemoval)
        return try join.joined(self)
    }
}
