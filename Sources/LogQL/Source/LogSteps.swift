/// Neighbouring ranges of time of equal length.
package struct LogSteps: Sendable, Hashable {
    /// All of the time.
    package let range: ClosedRange<Int64>
    private let step: Int64

    /// Steps of `step` nanoseconds, more than 0, from the start of `range`; the last ends with it. There are 2⁶³ ns at most.
    package init(_ range: ClosedRange<Int64>, step: Int64) {
        self.range = range
        self.step = step
    }

    /// Steps.
    package var count: Int { place(of: range.upperBound) + 1 }

    /// The step of a time in the range.
    package func place(of time: Int64) -> Int { Int((time &- range.lowerBound) / step) }

    /// The times of some steps.
    package func times(of places: Range<Int>) -> ClosedRange<Int64> {
        let first = range.lowerBound + Int64(places.lowerBound) * step
        let (next, overflow) = (Int64(places.upperBound - 1)).multipliedReportingOverflow(by: step)
        let left = range.upperBound - range.lowerBound
        let last = overflow || left - next < step ? range.upperBound : range.lowerBound + next + step - 1
        return first...last
    }

    /// The times of one step.
    package func times(of place: Int) -> ClosedRange<Int64> { times(of: place..<place + 1) }

    /// The steps that have times of `other`.
    package func places(overlapping other: ClosedRange<Int64>) -> Range<Int> {
        guard other.overlaps(range) else { return 0..<0 }
        return place(of: max(other.lowerBound, range.lowerBound))..<place(of: min(other.upperBound, range.upperBound))
            + 1
    }
}
