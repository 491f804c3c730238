/// `status_code`: traces with a span of one of these states.
package struct StatusRule: SamplingRule {
    private let codes: UInt8

    /// - Parameter codes: OTLP's numbers: 0 unset, 1 ok, 2 error.
    package init(_ codes: Set<Int>) {
        self.codes = codes.filter { (0..<8).contains($0) }.reduce(0) { $0 | 1 << UInt8($1) }
    }

    package func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision {
        SamplingDecision(matches: trace.hasStatus(in: codes))
    }
}
