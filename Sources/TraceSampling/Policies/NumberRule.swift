/// `numeric_attribute`: traces with a number between two bounds, in a span or a resource.
package struct NumberRule: SamplingRule {
    private let key: String
    private let minimum: Int64?
    private let maximum: Int64?
    private let isInverted: Bool

    /// - Parameters:
    ///   - minimum: the least value that matches; nil for no bound.
    ///   - maximum: the greatest value that matches; nil for no bound.
    package init(_ key: String, minimum: Int64?, maximum: Int64?, isInverted: Bool = false) {
        self.key = key
        self.minimum = minimum
        self.maximum = maximum
        self.isInverted = isInverted
    }

    package func decide(_ trace: any SampledTrace, at time: UInt64) -> SamplingDecision {
        SamplingDecision(
            matches: trace.hasNumber(key) { $0.isWithin(minimum, maximum) }, inverted: isInverted)
    }
}
