/// The steps of a metrics query. A step's sample stands at its end and counts the spans that start after the step before.
package struct MetricSteps: Sendable, Hashable {
    /// Unix nanoseconds of the first sample: the start of the range, rounded down to a multiple of the step.
    package let first: UInt64
    /// Nanoseconds.
    package let step: UInt64
    /// Number of samples.
    package let count: Int

    /// The steps that cover a range; `step` is greater than 0.
    package init(range: TimeRange, step: UInt64) {
        let step = max(step, 1)
        first = range.start / step * step
        let last = (range.end / step + (range.end % step == 0 ? 0 : 1)) * step
        self.step = step
        count = Int((last - first) / step) + 1
    }

    /// One sample at the end of the range, for its whole.
    package init(instant range: TimeRange) {
        step = max(range.end - range.start, 1)
        first = range.end
        count = 1
    }

    /// Unix nanoseconds of a sample.
    package func time(_ index: Int) -> UInt64 { first + UInt64(index) * step }

    /// The sample that counts a span with this start; nil outside the steps.
    @inline(__always)
    func index(of start: UInt64) -> Int? {
        if count == 1 { return start <= first && start + step >= first ? 0 : nil }
        guard start >= first else { return nil }
        let index = Int((start - first + step - 1) / step)
        return index < count ? index : nil
    }
}
