import MartletCore

/// `trace_state`: traces with a span whose tracestate has one of these values under a key.
package struct TraceStateRule: SamplingRule {
    private let key: [UInt8]
    private let values: TextMatcher

    /// A rule for the values under `key`; empty ones match nothing.
    package init(_ key: String, values: [String]) {
        self.key = Array(key.utf8)
        self.values = TextMatcher(texts: values)
    }

    package func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision {
        SamplingDecision(
            matches: trace.hasTraceState { state in
                TraceState.value(of: key, in: state).map { values.matches($0) } ?? false
            })
    }
}
