import MartletCore
import SampleMath

/// Series evaluated at every step of a grid: one flat matrix of values, a row per series.
struct StepVector {
    let steps: Int
    private(set) var labels: [Labels] = []
    /// True for rows whose metric name is to go when the query is done.
    private(set) var dropsName: [Bool] = []
    /// `steps` values per row; `Missing` where a series has none.
    var values: [Double] = []

    init(steps: Int) {
        self.steps = steps
    }

    var count: Int { labels.count }

    mutating func append(_ labels: Labels, dropsName: Bool, _ column: [Double]) {
        self.labels.append(labels)
        self.dropsName.append(dropsName)
        values.append(contentsOf: column)
    }

    /// A row's values.
    func row(_ index: Int) -> ArraySlice<Double> {
        values[index * steps..<(index + 1) * steps]
    }

    @inline(__always)
    func value(_ row: Int, _ step: Int) -> Double { values[row * steps + step] }

    /// Calls `body` with a row's values in place.
    func withRow<R>(_ index: Int, _ body: (UnsafeBufferPointer<Double>) -> R) -> R {
        values.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[index * steps..<(index + 1) * steps])) }
    }

    /// The rows in another order, or some of them.
    func rows(_ order: [Int]) -> StepVector {
        var result = StepVector(steps: steps)
        result.values.reserveCapacity(order.count * steps)
        for index in order { result.append(labels[index], dropsName: dropsName[index], Array(row(index))) }
        return result
    }

    /// Takes the names away that are to go.
    mutating func removeDroppedNames() {
        for index in labels.indices where dropsName[index] {
            labels[index] = LabelSubset.withoutMetricName.labels(of: labels[index])
            dropsName[index] = false
        }
    }

    /// Joins rows with equal labels into one; an error when two of them have a value at the same step.
    mutating func mergeDuplicates() throws(QueryError) {
        guard count > 1 else { return }
        var firstRow: [Labels: Int] = [:]
        firstRow.reserveCapacity(count)
        var hasDuplicates = false
        for index in labels.indices {
            if firstRow.updateValue(index, forKey: labels[index]) != nil {
                hasDuplicates = true
                break
            }
        }
        guard hasDuplicates else { return }
        firstRow.removeAll(keepingCapacity: true)
        var merged = StepVector(steps: steps)
        for index in labels.indices {
            guard let target = firstRow[labels[index]] else {
                firstRow[labels[index]] = merged.count
                merged.append(labels[index], dropsName: dropsName[index], Array(row(index)))
                continue
            }
            if dropsName[index] { merged.dropsName[target] = true }
            for step in 0..<steps {
                let value = value(index, step)
                if Missing.isMissing(value) { continue }
                guard Missing.isMissing(merged.values[target * steps + step]) else {
                    throw QueryError(.execution, "vector cannot contain metrics with the same labelset")
                }
                merged.values[target * steps + step] = value
            }
        }
        self = merged
    }
}
