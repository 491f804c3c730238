/// Decides upon traces, one after the other, and counts what policies said.
package struct TailSampler: Sendable {
    private var policies: [SamplingPolicy]
    private let stopsAtFirstMatch: Bool
    /// What was decided so far.
    package private(set) var counts: TailSamplingCounts

    /// A sampler that has seen no trace. Policies that drop come first, since nothing is said against them.
    package init(_ sampling: TailSampling) {
        policies =
            sampling.policies.filter { $0.rule is DropRule } + sampling.policies.filter { !($0.rule is DropRule) }
        stopsAtFirstMatch = sampling.stopsAtFirstMatch
        counts = TailSamplingCounts(policies: policies.map(\.name))
    }

    /// Whether the trace is kept. In this order: dropped, inverted not sampled, sampled, then inverted sampled if no policy
    /// said not sampled.
    ///
    /// - Parameter time: when the decision is due, Unix nanoseconds.
    package mutating func decide(_ trace: any SampledTrace, at time: UInt64) -> Bool {
        var said: Set<SamplingDecision> = []
        for index in policies.indices {
            let decision = policies[index].rule.decide(trace, at: time)
            counts.policies[index].add(decision)
            said.insert(decision)
            if decision == .dropped || (stopsAtFirstMatch && decision == .sampled) { break }
        }
        let decision = Self.decision(said)
        counts.all.add(decision)
        return decision == .sampled
    }

    private static func decision(_ said: Set<SamplingDecision>) -> SamplingDecision {
        if said.contains(.dropped) { return .dropped }
        if said.contains(.invertedNotSampled) { return .notSampled }
        if said.contains(.sampled) { return .sampled }
        return said.contains(.invertedSampled) && !said.contains(.notSampled) ? .sampled : .notSampled
    }

    /// Takes why conditions could not be evaluated since the last time, by the name of the policy; how often is counted.
    package mutating func takeFailures() -> [(policy: String, reasons: Set<String>)] {
        var found: [(policy: String, reasons: Set<String>)] = []
        for index in policies.indices {
            let failures = policies[index].rule.takeFailures()
            counts.policies[index].failures += failures.count
            if !failures.reasons.isEmpty { found.append((policies[index].name, failures.reasons)) }
        }
        return found
    }

    /// Notes that a trace is decided upon before its time.
    package mutating func noteEarlyTrace() { counts.earlyTraces += 1 }

    /// Notes spans of traces that are not kept.
    package mutating func noteDiscarded(spans: Int) { counts.discardedSpans += spans }

    /// Notes how long decisions took.
    package mutating func note(took time: Duration) { counts.time += time }

    /// What was decided since the last time.
    package mutating func takeCounts() -> TailSamplingCounts {
        defer { counts = TailSamplingCounts(policies: policies.map(\.name)) }
        return counts
    }
}
