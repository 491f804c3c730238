/// `latency`: traces between whose first start and last end there is so much time.
package struct LatencyRule: SamplingRule {
    private let milliseconds: Int64
    private let upperMilliseconds: Int64

    /// - Parameters:
    ///   - milliseconds: the shortest duration without an upper bound; with one, durations must be longer.
    ///   - upperMilliseconds: the longest duration; 0 for none.
    package init(milliseconds: Int64, upperMilliseconds: Int64 = 0) {
        self.milliseconds = milliseconds
        self.upperMilliseconds = upperMilliseconds
    }

    package func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision {
        let (start, end) = trace.bounds
        let duration = Int64(clamping: (end - min(start, end)) / 1_000_000)
        guard upperMilliseconds != 0 else { return SamplingDecision(matches: duration >= milliseconds) }
        return SamplingDecision(matches: duration > milliseconds && duration <= upperMilliseconds)
    }
}
