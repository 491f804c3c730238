/// The steps of a metrics query. A step's sample stands at its end and counts the spans that start after the step before.
package struct MetricSteps: Sendable, Hashable {
    /// Unix nanoseconds of the first sample: the start of the range, rounded down to a multiple of the step.
    package let first: UInt64
    /// Nanoseconds.
    package let step: UInt64
    /// Number of samples.
    package let count: Int
    /// Nanoseconds from the first sample to the last.
    private let length: UInt64

    /// The steps that cover a range; `step` is greater than 0.
    package init(range: TimeRange, step: UInt64) {
        let step = max(step, 1)
        let first = range.start / step * step
        let whole = range.end / step
        let (covering, overflow) = (whole + (range.end % step == 0 ? 0 : 1)).multipliedReportingOverflow(by: step)
        // A last step that would end behind the end of time is none.
        let length = (overflow ? whole * step : covering) - first
        self.first = first
        self.step = step
        self.length = length
        count = Int(clamping: min(length / step, UInt64(Int.max - 1)) + 1)
    }

    /// One sample at the end of the range, for its whole.
    package init(instant range: TimeRange) {
        step = max(range.end - range.start, 1)
        first = range.end
        length = 0
        count = 1
    }

    /// Unix nanoseconds of a sample.
    package func time(_ index: Int) -> UInt64 { first + UInt64(index) * step }

    /// The sample that counts a span with this start, which may be any; nil outside the steps.
    @inline(__always)
    package func index(of start: UInt64) -> Int? {
        if count == 1 { return start <= first && first - start <= step ? 0 : nil }
        guard start >= first, start - first <= length else { return nil }
        let distance = start - first
        return distance == 0 ? 0 : Int((distance - 1) / step) + 1
    }
}
