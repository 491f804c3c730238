/// `and`: traces that all of some policies are for.
package struct AndRule: SamplingRule {
    private var policies: [SamplingPolicy]

    /// A policy of others; those behind one that is against are not asked.
    package init(_ policies: [SamplingPolicy]) {
        self.policies = policies
    }

    package mutating func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision {
        for index in policies.indices where !policies[index].rule.decide(trace, at: time).isFor { return .notSampled }
        return .sampled
    }

    package mutating func takeFailures() -> OTTLFailures { policies.takeFailures() }
}
