import SampleMath

/// One series at every step of a grid: floats, and native histograms where the series has any.
///
/// A step has a value, a histogram, or neither. Where it has a histogram its value is `Missing`, so that whatever
/// computes with floats passes histograms by without looking for them.
struct StepColumn {
    var values: [Double]
    /// Empty, or one place per step.
    var histograms: [NativeHistogram?] = []

    init(_ values: [Double], histograms: [NativeHistogram?] = []) {
        self.values = values
        self.histograms = histograms
    }

    /// Nothing at any step.
    init(missing steps: Int) {
        values = [Double](repeating: Missing.value, count: steps)
    }

    var count: Int { values.count }

    var hasHistograms: Bool { !histograms.isEmpty }

    /// True when the series has something at a step.
    @inline(__always)
    func isPresent(_ step: Int) -> Bool {
        !Missing.isMissing(values[step]) || (!histograms.isEmpty && histograms[step] != nil)
    }

    /// True when the series has something at any step.
    var isPresentAnywhere: Bool {
        values.contains { !Missing.isMissing($0) } || histograms.contains { $0 != nil }
    }

    /// The histogram at a step.
    @inline(__always)
    func histogram(_ step: Int) -> NativeHistogram? { histograms.isEmpty ? nil : histograms[step] }

    /// Puts a histogram in place of whatever is at a step.
    mutating func set(_ step: Int, _ histogram: NativeHistogram) {
        if histograms.isEmpty { histograms = [NativeHistogram?](repeating: nil, count: values.count) }
        histograms[step] = histogram
        values[step] = Missing.value
    }

    /// Takes floats for the first steps, and no histograms.
    mutating func assign(_ row: UnsafeBufferPointer<Double>) {
        if hasHistograms { self = StepColumn(missing: count) }
        values.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: row) }
    }

    /// Leaves a step without anything.
    mutating func clear(_ step: Int) {
        values[step] = Missing.value
        if !histograms.isEmpty { histograms[step] = nil }
    }

    /// Lets the histograms go.
    mutating func dropHistograms() { histograms = [] }

    /// Makes all steps what the first is.
    mutating func repeatFirst() {
        for step in 1..<Swift.max(count, 1) { values[step] = values[0] }
        guard hasHistograms else { return }
        for step in 1..<Swift.max(count, 1) { histograms[step] = histograms[0] }
    }

    /// What a query is charged for holding it.
    var weight: Int {
        histograms.isEmpty ? values.count : histograms.reduce(values.count) { $0 + ($1?.weight ?? 0) }
    }
}
