/// One entry of `policies`.
package struct SamplingPolicy: Sendable {
    /// What metrics and messages call it.
    package let name: String
    /// What it does.
    package var rule: any SamplingRule

    /// A policy.
    package init(_ name: String, _ rule: any SamplingRule) {
        self.name = name
        self.rule = rule
    }
}
