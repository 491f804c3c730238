package import Wire

/// The `global` section: defaults of all scrape configurations.
package struct GlobalConfig: Sendable {
    package var scrapeIntervalMs: Int64 = 60_000
    package var scrapeTimeoutMs: Int64 = 10_000
    package var evaluationIntervalMs: Int64 = 60_000
    /// How far back rules' queries look where their groups say nothing.
    package var ruleQueryOffsetMs: Int64 = 0
    package var externalLabels: [(key: String, value: String)] = []
    package var limits = ScrapeLimits()
    /// As in `ScrapeConfig`.
    package var protocols: [ScrapeProtocol]?
    package var histograms = HistogramReading()

    /// Prometheus' defaults.
    package init() {}
}
