/// `span_count`: traces of so many spans.
package struct SpanCountRule: SamplingRule {
    private let minimum: Int
    private let maximum: Int

    /// - Parameter maximum: 0 for no limit.
    package init(minimum: Int, maximum: Int = 0) {
        self.minimum = minimum
        self.maximum = maximum
    }

    package func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision {
        let count = trace.spanCount
        return SamplingDecision(matches: count >= minimum && (maximum == 0 || count <= maximum))
    }
}
