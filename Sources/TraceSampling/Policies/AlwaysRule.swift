/// `always_sample`: every trace.
package struct AlwaysRule: SamplingRule {
    /// The rule.
    package init() {}

    package func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision { .sampled }
}
