import MartletCore
import SampleMath

/// The histograms that a vector holds: classic ones, whose buckets are series with a label `le`, and native ones.
struct HistogramInput {
    /// The buckets of one classic histogram.
    struct Classic {
        /// Of its first bucket, without `le`; the name included.
        let labels: Labels
        var bounds: [Double] = []
        /// A column per bound.
        var columns: [[Double]] = []

        func hasBuckets(_ step: Int) -> Bool { columns.contains { !Missing.isMissing($0[step]) } }

        /// The buckets' counts at a step, in the order of the bounds.
        func counts(_ step: Int) -> [Double] { columns.map { $0[step] } }

        mutating func clear(_ step: Int) {
            for index in columns.indices { columns[index][step] = Missing.value }
        }
    }

    /// The native histograms of one series.
    struct Native {
        let labels: Labels
        var histograms: [NativeHistogram?]
    }

    private(set) var classic: [Classic] = []
    private(set) var native: [Native] = []
    private var groups = GroupIndex(LabelSubset(dropping: ["le"]))

    /// Adds a series; false when it has floats and its `le` is no number.
    mutating func add(_ labels: Labels, _ column: StepColumn) -> Bool {
        if column.hasHistograms { native.append(Native(labels: labels, histograms: column.histograms)) }
        guard column.values.contains(where: { !Missing.isMissing($0) }) else { return true }
        guard let bound = HistogramInput.bound(labels["le"] ?? "") else { return false }
        let group = groups.insert(labels)
        if group == classic.count { classic.append(Classic(labels: groups.groups[group])) }
        classic[group].bounds.append(bound)
        classic[group].columns.append(column.values)
        return true
    }

    /// Takes both away where a classic and a native histogram of the same labels meet at a step; calls `body` with the
    /// labels for each such pair.
    mutating func removeConflicts(_ body: (Labels) -> Void) {
        guard !classic.isEmpty else { return }
        for index in native.indices {
            // A native series with a label `le` is not the classic one without.
            guard native[index].labels["le"] == nil, let group = groups.lookup(native[index].labels) else { continue }
            var conflicts = false
            for step in native[index].histograms.indices
            where native[index].histograms[step] != nil && classic[group].hasBuckets(step) {
                native[index].histograms[step] = nil
                classic[group].clear(step)
                conflicts = true
            }
            if conflicts { body(native[index].labels) }
        }
    }

    /// A bucket's upper bound as its label writes it.
    private static func bound(_ text: String) -> Double? {
        switch text.lowercased() {
        case "+inf", "inf", "+infinity", "infinity": .infinity
        case "-inf", "-infinity": -.infinity
        case "nan": .nan
        default: Double(text)
        }
    }
}
