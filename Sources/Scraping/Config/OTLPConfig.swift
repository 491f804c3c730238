/// The `otlp` section: how OTLP metrics become series.
package struct OTLPConfig: Sendable, Equatable {
    /// The spellings of `translation_strategy`.
    package enum Strategy: String, Sendable, CaseIterable {
        case underscoreEscapingWithSuffixes = "UnderscoreEscapingWithSuffixes"
        case underscoreEscapingWithoutSuffixes = "UnderscoreEscapingWithoutSuffixes"
        case noUTF8EscapingWithSuffixes = "NoUTF8EscapingWithSuffixes"
        case noTranslation = "NoTranslation"
    }

    package var strategy = Strategy.underscoreEscapingWithSuffixes
    package var promotedAttributes: [String] = []
    package var keepsIdentifyingAttributes = false

    /// Prometheus' defaults.
    package init() {}
}
