/// `boolean_attribute`: traces with this truth value, in a span or a resource.
package struct BooleanRule: SamplingRule {
    private let key: String
    private let value: Bool
    private let isInverted: Bool

    /// A rule for the truth values under `key`.
    package init(_ key: String, _ value: Bool, isInverted: Bool = false) {
        self.key = key
        self.value = value
        self.isInverted = isInverted
    }

    package func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision {
        SamplingDecision(matches: trace.hasBoolean(key, value), inverted: isInverted)
    }
}
