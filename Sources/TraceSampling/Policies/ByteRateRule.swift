/// `bytes_limiting`: as many traces as keep within so many bytes of encoded spans a second.
package struct ByteRateRule: SamplingRule {
    private var bucket: TokenBucket

    /// - Parameter burst: bytes at once; a larger trace never passes. Two seconds' worth unless given.
    package init(bytesPerSecond: Int, burst: Int? = nil) {
        bucket = TokenBucket(perSecond: bytesPerSecond, capacity: burst ?? 2 * min(bytesPerSecond, Int.max / 2))
    }

    package mutating func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision {
        SamplingDecision(matches: bucket.take(trace.bytes, at: time))
    }
}
