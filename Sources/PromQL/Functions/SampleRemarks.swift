import MartletCore

/// What was odd about the samples that a function or operator met. Told once per metric and place in the query.
struct SampleRemarks: OptionSet, Hashable {
    let rawValue: UInt16

    /// Floats and histograms, where only one kind makes sense.
    static let mixedKinds = SampleRemarks(rawValue: 1 << 0)
    /// Exponential and custom buckets.
    static let mixedSchemas = SampleRemarks(rawValue: 1 << 1)
    /// A gauge histogram in a function of counters.
    static let notCounter = SampleRemarks(rawValue: 1 << 2)
    /// A counter histogram in a function of gauges.
    static let notGauge = SampleRemarks(rawValue: 1 << 3)
    /// Histograms beside floats in a function of floats.
    static let ignoredHistograms = SampleRemarks(rawValue: 1 << 4)
    /// Custom bounds differed.
    static let reconciledAddition = SampleRemarks(rawValue: 1 << 5)
    static let reconciledSubtraction = SampleRemarks(rawValue: 1 << 6)
    static let reconciledAggregation = SampleRemarks(rawValue: 1 << 7)
    /// Hints about counter resets contradicted each other.
    static let collidedAddition = SampleRemarks(rawValue: 1 << 8)
    static let collidedSubtraction = SampleRemarks(rawValue: 1 << 9)
    static let collidedAggregation = SampleRemarks(rawValue: 1 << 10)
}

extension Annotations {
    /// Writes remarks about a metric down.
    mutating func note(_ remarks: SampleRemarks, metric: @autoclosure () -> String, at range: Range<Int>) {
        if remarks.isEmpty { return }
        let name = GoQuote.quote(metric())
        if remarks.contains(.mixedKinds) {
            warn("encountered a mix of histograms and floats for metric name \(name)", at: range)
        }
        if remarks.contains(.mixedSchemas) {
            warn(
                "vector contains a mix of histograms with exponential and custom buckets schemas for metric name \(name)",
                at: range)
        }
        if remarks.contains(.notCounter) {
            warn("this native histogram metric is not a counter: \(name)", at: range)
        }
        if remarks.contains(.notGauge) { warn("this native histogram metric is not a gauge: \(name)", at: range) }
        if remarks.contains(.ignoredHistograms) {
            inform(
                "ignored histograms in a range containing both floats and histograms for metric name \(name)",
                at: range)
        }
        for (remark, operation) in [
            (SampleRemarks.reconciledAddition, "addition"), (.reconciledSubtraction, "subtraction"),
            (.reconciledAggregation, "aggregation"),
        ] where remarks.contains(remark) {
            inform("mismatched custom buckets were reconciled during \(operation)", at: range)
        }
        for (remark, operation) in [
            (SampleRemarks.collidedAddition, "addition"), (.collidedSubtraction, "subtraction"),
            (.collidedAggregation, "aggregation"),
        ] where remarks.contains(remark) {
            warn("conflicting counter resets during histogram \(operation)", at: range)
        }
    }
}
