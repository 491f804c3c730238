/// The names that Prometheus 3.14 takes in `--enable-feature`.
enum FeatureNames {
    /// What acts here when it is named.
    private static let acting: Set = [
        "created-timestamp-zero-ingestion", "promql-binop-fill-modifiers", "promql-delayed-name-removal",
        "promql-experimental-functions", "promql-extended-range-selectors", "type-and-unit-labels",
        "use-start-timestamps",
    ]
    /// What is always so here, or has become so in Prometheus.
    private static let always: Set = [
        "concurrent-rule-eval", "exemplar-storage", "native-histograms", "ooo-native-histograms",
        "promql-duration-expr",
        "promql-per-step-stats",
    ]
    /// What changes nothing here.
    private static let idle: Set = [
        "auto-reload-config", "delayed-compaction", "extra-scrape-metrics", "fast-startup", "histograms-st-encoding",
        "memory-snapshot-on-shutdown", "metadata-wal-records", "old-ui", "otlp-deltatocumulative",
        "otlp-native-delta-ingestion", "search-api", "st-storage", "st-synthesis", "use-uncached-io", "xor2-encoding",
    ]

    /// A line for each name that does not do what it says: those that are known, and those that nobody knows.
    static func warnings(_ names: [String]) -> [String] {
        names.compactMap { name in
            if name.isEmpty || acting.contains(name) || always.contains(name) { return nil }
            return idle.contains(name)
                ? "--enable-feature=\(name) has no effect here" : "unknown option for --enable-feature: \(name)"
        }
    }
}
