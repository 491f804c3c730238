package import MartletCore
import SampleMath

/// Series over the steps of a query: one column of values for each, `Missing` where a step has none.
package struct SeriesMatrix: Sendable {
    /// Each series' labels.
    package private(set) var labels: [Labels] = []
    /// Each series' values, one for every step.
    package private(set) var columns: [[Double]] = []

    /// Number of series.
    package var count: Int { labels.count }

    init() {}

    /// Adds a series unless it has no value at any step.
    mutating func append(_ labels: Labels, _ column: [Double]) {
        guard column.contains(where: { !Missing.isMissing($0) }) else { return }
        self.labels.append(labels)
        columns.append(column)
    }

    /// The same series, changed in place.
    mutating func mapValues(_ change: (Double) -> Double) {
        for series in columns.indices {
            for step in columns[series].indices where !Missing.isMissing(columns[series][step]) {
                columns[series][step] = change(columns[series][step])
            }
        }
    }

    /// The series in another order.
    func reordered(_ order: [Int]) -> SeriesMatrix {
        var result = SeriesMatrix()
        result.labels = order.map { labels[$0] }
        result.columns = order.map { columns[$0] }
        return result
    }

    /// The series of one step by value, NaN last; equal values by labels.
    func sorted(descending: Bool) -> SeriesMatrix {
        reordered(
            labels.indices.sorted { a, b in
                let (left, right) = (columns[a][0], columns[b][0])
                if left.isNaN || right.isNaN {
                    return left.isNaN == right.isNaN ? labels[a] < labels[b] : right.isNaN
                }
                if left == right { return labels[a] < labels[b] }
                return descending ? left > right : left < right
            })
    }

    /// The series sorted by labels.
    func sortedByLabels() -> SeriesMatrix {
        reordered(labels.indices.sorted { labels[$0] < labels[$1] })
    }

    /// Whether a value stands for no value.
    package static func isMissing(_ value: Double) -> Bool { Missing.isMissing(value) }
}
