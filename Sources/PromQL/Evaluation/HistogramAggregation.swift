import SampleMath

/// What becomes of the native histograms in an aggregation: a state per group and step at which there is one. The floats
/// are aggregated beside it.
struct HistogramAggregation {
    private enum State {
        case sum(HistogramSum)
        /// Exponential and custom buckets met.
        case incompatible
        case count(Double)
    }

    private let aggregation: Aggregation
    private let steps: Int
    /// By group · steps + step.
    private var states: [Int: State] = [:]
    /// True once a histogram was left out of an aggregation of floats.
    private(set) var ignoredAny = false

    init(_ aggregation: Aggregation, steps: Int) {
        self.aggregation = aggregation
        self.steps = steps
    }

    /// True once there is anything to be done at the end.
    var hasAny: Bool { !states.isEmpty }

    /// Adds a series to a group; what was odd, and what the new states weigh.
    mutating func add(_ histograms: [NativeHistogram?], to group: Int) -> (remarks: SampleRemarks, weight: Int) {
        var remarks: SampleRemarks = []
        var weight = 0
        for (step, histogram) in histograms.enumerated() {
            guard let histogram else { continue }
            let key = group * steps + step
            switch aggregation {
            case .sum, .avg:
                guard let state = states[key] else {
                    states[key] = .sum(HistogramSum(histogram))
                    weight += 2 * histogram.weight
                    continue
                }
                guard case .sum(var sum) = state else { continue }
                // Let go of the dictionary's copy, so that the sum is changed in place.
                states[key] = .incompatible
                if aggregation == .avg ? sum.addToMean(histogram) : sum.add(histogram) {
                    states[key] = .sum(sum)
                } else {
                    remarks.insert(.mixedSchemas)
                }
            case .count, .group:
                if case .count(let count)? = states[key] {
                    states[key] = .count(count + 1)
                } else {
                    states[key] = .count(1)
                    weight += 1
                }
            default: ignoredAny = true
            }
        }
        return (remarks, weight)
    }

    /// Joins a group's histograms with the floats' results in `column`. A step with both has no sum and no mean.
    func finish(_ group: Int, into column: inout StepColumn) -> (remarks: SampleRemarks, isMixed: Bool) {
        var remarks: SampleRemarks = []
        var isMixed = false
        for step in 0..<steps {
            guard let state = states[group * steps + step] else { continue }
            switch state {
            case .count(let count):
                let floats = Missing.isMissing(column.values[step]) ? 0 : column.values[step]
                column.values[step] = aggregation == .group ? 1 : floats + count
            case .incompatible: column.clear(step)
            case .sum(let sum):
                if sum.boundsReconciled { remarks.insert(.reconciledAggregation) }
                if !Missing.isMissing(column.values[step]) {
                    isMixed = true
                    column.clear(step)
                    continue
                }
                if sum.hintsCollide { remarks.insert(.collidedAggregation) }
                var result = aggregation == .avg ? sum.mean : sum.sum
                result.compact()
                column.set(step, result)
            }
        }
        return (remarks, isMixed)
    }
}
