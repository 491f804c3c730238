/// An aggregation over series.
package struct VectorAggregation: Sendable, Hashable {
    /// The aggregation's name as LogQL has it.
    package enum Operation: String, Sendable, Hashable, CaseIterable {
        case sum, avg, min, max, count, stddev, stdvar, topk, bottomk, sort
        case sortDescending = "sort_desc"
        case approximateTopk = "approx_topk"

        var takesParameter: Bool { self == .topk || self == .bottomk || self == .approximateTopk }
    }

    package var operation: Operation
    /// k of `topk` and `bottomk`.
    package var parameter: Int?
    package var inner: QueryExpression
    package var grouping: Grouping?
}
