extension OTLP {
    /// How names of OTLP become names of Prometheus; the raw values are those of prometheus.yml's `otlp.translation_strategy`.
    package enum TranslationStrategy: String, Sendable, CaseIterable {
        /// Invalid characters become underscores; units and types become suffixes. The default.
        case underscoreEscapingWithSuffixes = "UnderscoreEscapingWithSuffixes"
        /// Invalid characters become underscores; nothing is appended.
        case underscoreEscapingWithoutSuffixes = "UnderscoreEscapingWithoutSuffixes"
        /// Names stay as they are; units and types become suffixes.
        case noUTF8EscapingWithSuffixes = "NoUTF8EscapingWithSuffixes"
        /// Names stay as they are.
        case noTranslation = "NoTranslation"

        var escapes: Bool { self == .underscoreEscapingWithSuffixes || self == .underscoreEscapingWithoutSuffixes }

        var addsSuffixes: Bool { self == .underscoreEscapingWithSuffixes || self == .noUTF8EscapingWithSuffixes }
    }
}
