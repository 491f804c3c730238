/// What a policy does to decide upon a trace: a value, together with what it remembers of the traces before, if it does.
package protocol SamplingRule: Sendable {
    /// Decides upon a trace.
    ///
    /// - Parameter time: when the decision is due, Unix nanoseconds: what rates are measured against.
    mutating func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision
}
