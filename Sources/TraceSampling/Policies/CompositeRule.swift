/// `composite`: the first of some policies that is for a trace answers for it, within its own share of the spans of each
/// second.
package struct CompositeRule: SamplingRule {
    /// A policy with what it may keep.
    private struct Part: Sendable {
        var policy: SamplingPolicy
        let spansPerSecond: Int
        /// Spans kept in the current second.
        var spans = 0
    }

    private var parts: [Part]
    private let spansPerSecond: Int
    /// Unix seconds.
    private var second: UInt64 = 0

    /// - Parameters:
    ///   - policies: in the order in which they are asked, each with its share in percent; those without one share what the
    ///     others leave of 100.
    ///   - spansPerSecond: what all together may keep.
    package init(_ policies: [(policy: SamplingPolicy, percent: Int?)], spansPerSecond: Int) {
        let given = policies.reduce(0) { $0 + ($1.percent ?? 0) }
        let others = policies.count { $0.percent == nil }
        let rest = Double(max(0, 100 - given)) / Double(max(1, others))
        self.spansPerSecond = spansPerSecond
        parts = policies.map {
            Part(
                policy: $0.policy,
                spansPerSecond: Int(min(($0.percent.map(Double.init) ?? rest) * Double(spansPerSecond) / 100, 0x1p62)))
        }
    }

    package mutating func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision {
        if time / 1_000_000_000 != second {
            second = time / 1_000_000_000
            for index in parts.indices { parts[index].spans = 0 }
        }
        for index in parts.indices where parts[index].policy.rule.decide(trace, at: time).isFor {
            // What does not fit is not counted: a smaller trace may fit later.
            let spans = parts[index].spans + trace.spanCount
            let kept = parts.reduce(0) { $0 + $1.spans } + trace.spanCount
            guard spans <= parts[index].spansPerSecond, kept <= spansPerSecond else { return .notSampled }
            parts[index].spans = spans
            return .sampled
        }
        return .notSampled
    }

    package mutating func takeFailures() -> OTTLFailures {
        var failures = OTTLFailures()
        for index in parts.indices { failures.add(parts[index].policy.rule.takeFailures()) }
        return failures
    }
}
