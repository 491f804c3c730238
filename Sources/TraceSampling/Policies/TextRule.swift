/// `string_attribute`: traces with a text that matches, in a span or a resource.
package struct TextRule: SamplingRule {
    private let key: String
    private let matcher: TextMatcher
    private let isInverted: Bool

    /// A rule for the texts under `key`.
    package init(_ key: String, _ matcher: TextMatcher, isInverted: Bool = false) {
        self.key = key
        self.matcher = matcher
        self.isInverted = isInverted
    }

    package func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision {
        SamplingDecision(matches: trace.hasText(key, matcher), inverted: isInverted)
    }
}
