/// `not`: traces that another policy is not for.
package struct NotRule: SamplingRule {
    private var policy: SamplingPolicy

    /// The opposite of a policy.
    package init(_ policy: SamplingPolicy) {
        self.policy = policy
    }

    package mutating func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision {
        policy.rule.decide(trace, at: time).isFor ? .notSampled : .sampled
    }

    package mutating func takeFailures() -> OTTLFailures { policy.rule.takeFailures() }
}
