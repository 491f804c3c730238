/// What a policy does to decide upon a trace: a value, together with what it remembers of the traces before, if it does.
package protocol SamplingRule: Sendable {
    /// Decides upon a trace.
    ///
    /// - Parameter time: when the decision is due, Unix nanoseconds: what rates are measured against.
    mutating func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision
    /// Takes what kept conditions from being evaluated since the last time.
    mutating func takeFailures() -> OTTLFailures
}

extension SamplingRule {
    package mutating func takeFailures() -> OTTLFailures { OTTLFailures() }
}

extension [SamplingPolicy] {
    /// Takes what kept conditions of all these policies from being evaluated.
    mutating func takeFailures() -> OTTLFailures {
        var failures = OTTLFailures()
        for index in indices { failures.add(self[index].rule.takeFailures()) }
        return failures
    }
}
