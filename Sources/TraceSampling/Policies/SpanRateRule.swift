/// `rate_limiting`: as many traces as keep within so many spans a second.
package struct SpanRateRule: SamplingRule {
    private var bucket: TokenBucket

    /// - Parameter burst: spans at once; a larger trace never passes. Two seconds' worth unless given.
    package init(spansPerSecond: Int, burst: Int? = nil) {
        bucket = TokenBucket(perSecond: spansPerSecond, capacity: burst ?? 2 * min(spansPerSecond, Int.max / 2))
    }

    package mutating func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision {
        SamplingDecision(matches: bucket.take(trace.spanCount, at: time))
    }
}
