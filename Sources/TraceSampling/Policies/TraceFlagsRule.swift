/// `trace_flags`: traces with a span that W3C's `sampled` flag is set on.
package struct TraceFlagsRule: SamplingRule {
    /// W3C Trace Context, "sampled flag".
    private static let sampled: UInt32 = 1

    /// The rule.
    package init() {}

    package func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision {
        SamplingDecision(matches: trace.hasFlags(Self.sampled))
    }
}
