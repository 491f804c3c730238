import MartletCore
import SampleMath

/// Series evaluated at every step of a grid: one flat matrix of values, a row per series, and histograms for the rows
/// that have any.
struct StepVector {
    let steps: Int
    private(set) var labels: [Labels] = []
    /// True for rows whose metric name is to go when the query is done.
    private(set) var dropsName: [Bool] = []
    /// `steps` values per row; `Missing` where a series has none.
    private var values = RowMatrix()
    /// Per row: empty, or one place per step.
    private var histograms: [[NativeHistogram?]] = []
    /// True when any row has histograms.
    private(set) var hasHistograms = false

    init(steps: Int) {
        self.steps = steps
    }

    var count: Int { labels.count }

    mutating func append(_ labels: Labels, dropsName: Bool, _ column: StepColumn) {
        self.labels.append(labels)
        self.dropsName.append(dropsName)
        makeUnique()
        column.values.withUnsafeBufferPointer { values.append($0) }
        histograms.append(column.histograms)
        if column.hasHistograms { hasHistograms = true }
    }

    /// A copy of a row.
    func column(_ row: Int) -> StepColumn {
        StepColumn(withRow(row) { Array($0) }, histograms: histograms[row])
    }

    @inline(__always)
    func value(_ row: Int, _ step: Int) -> Double { values[row * steps + step] }

    @inline(__always)
    func histogram(_ row: Int, _ step: Int) -> NativeHistogram? {
        histograms[row].isEmpty ? nil : histograms[row][step]
    }

    /// True when a row has something at a step.
    @inline(__always)
    func isPresent(_ row: Int, _ step: Int) -> Bool {
        !Missing.isMissing(values[row * steps + step]) || (!histograms[row].isEmpty && histograms[row][step] != nil)
    }

    func rowHasHistograms(_ row: Int) -> Bool { !histograms[row].isEmpty }

    /// Calls `body` with a row's values in place.
    func withRow<R>(_ index: Int, _ body: (UnsafeBufferPointer<Double>) -> R) -> R {
        values.withBuffer { body(UnsafeBufferPointer(rebasing: $0[index * steps..<(index + 1) * steps])) }
    }

    /// True when a row has a float at any step.
    func rowHasFloats(_ row: Int) -> Bool { withRow(row) { $0.contains { !Missing.isMissing($0) } } }

    /// The rows in another order, or some of them; with `floatsOnly` without their histograms.
    func rows(_ order: [Int], floatsOnly: Bool = false) -> StepVector {
        var result = StepVector(steps: steps)
        result.values.reserve(order.count * steps)
        for index in order {
            var row = column(index)
            if floatsOnly { row.dropHistograms() }
            result.append(labels[index], dropsName: dropsName[index], row)
        }
        return result
    }

    /// What a query is charged for a row beside its values: the label set and its places.
    static let rowBytes = 160

    /// Copies of a vector are values, although they share the memory until one changes.
    private mutating func makeUnique() {
        if !isKnownUniquelyReferenced(&values) { values = RowMatrix(copying: values) }
    }

    /// Takes the names away that are to go.
    mutating func removeDroppedNames() {
        for index in labels.indices where dropsName[index] {
            labels[index] = LabelSubset.withoutMetricName.labels(of: labels[index])
            dropsName[index] = false
        }
    }

    /// Joins rows with equal labels into one; an error when two of them have something at the same step.
    mutating func mergeDuplicates(_ context: QueryContext) throws(QueryError) {
        guard count > 1 else { return }
        var firstRow: [Labels: Int] = [:]
        firstRow.reserveCapacity(count)
        var hasDuplicates = false
        for index in labels.indices {
            if index % 1024 == 1023 { try context.check() }
            if firstRow.updateValue(index, forKey: labels[index]) != nil {
                hasDuplicates = true
                break
            }
        }
        guard hasDuplicates else { return }
        firstRow.removeAll(keepingCapacity: true)
        // The old rows and the new are there at once.
        let held = values.count * MemoryLayout<Double>.stride
        try context.hold(bytes: held)
        var merged = StepVector(steps: steps)
        for index in labels.indices {
            guard let target = firstRow[labels[index]] else {
                firstRow[labels[index]] = merged.count
                merged.append(labels[index], dropsName: dropsName[index], column(index))
                continue
            }
            if dropsName[index] { merged.dropsName[target] = true }
            for step in 0..<steps where isPresent(index, step) {
                guard !merged.isPresent(target, step) else {
                    throw QueryError(.execution, "vector cannot contain metrics with the same labelset")
                }
                merged.values[target * steps + step] = value(index, step)
                if let histogram = histogram(index, step) { merged.set(target, step, histogram) }
            }
        }
        self = merged
        context.release(bytes: held)
    }

    private mutating func set(_ row: Int, _ step: Int, _ histogram: NativeHistogram) {
        if histograms[row].isEmpty { histograms[row] = [NativeHistogram?](repeating: nil, count: steps) }
        histograms[row][step] = histogram
        hasHistograms = true
    }
}
