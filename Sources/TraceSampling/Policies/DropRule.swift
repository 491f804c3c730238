/// `drop`: traces that all of some policies are for are not kept, whatever others say.
package struct DropRule: SamplingRule {
    private var all: AndRule

    /// A policy of others; those behind one that is against are not asked.
    package init(_ policies: [SamplingPolicy]) {
        all = AndRule(policies)
    }

    package mutating func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision {
        all.decide(trace, at: time) == .sampled ? .dropped : .notSampled
    }

    package mutating func takeFailures() -> OTTLFailures { all.takeFailures() }
}
