package import Service
package import Wire

/// One element of `scrape_configs`, with the global defaults filled in. Its loops go on through a reload that leaves it
/// equal.
package struct ScrapeConfig: Sendable, Equatable {
    package var jobName: String
    package var intervalMs: Int64 = 60_000
    package var timeoutMs: Int64 = 10_000
    package var metricsPath = "/metrics"
    package var scheme = "http"
    /// Values of URL parameters by name.
    package var params: [String: [String]] = [:]
    package var honorLabels = false
    package var honorTimestamps = true
    package var tracksTimestampStaleness = false
    package var enablesCompression = true
    package var limits = ScrapeLimits()
    package var http = HTTPClientSettings()
    package var staticGroups: [TargetGroup] = []
    package var fileDiscoveries: [FileDiscovery] = []
    package var relabelRules: [RelabelRule] = []
    package var metricRelabelRules: [RelabelRule] = []
    /// The formats that targets are asked for, the best first; nil for those that suit the histograms wanted.
    package var protocols: [ScrapeProtocol]?
    /// The format assumed when an answer's Content-Type is missing or unknown; nil fails the scrape.
    package var fallbackProtocol: ScrapeProtocol?
    /// Which forms of histograms are taken, where a target's labels say nothing else.
    package var histograms = HistogramReading()
    /// Buckets of a native histogram; those with more are made coarser, and fail the scrape where that does not help. 0 is
    /// no limit.
    package var bucketLimit = 0
    /// The finest schema of native histograms; finer ones are made coarser.
    package var finestSchema: Int32 = 8

    /// The element as it is written, with secrets hidden.
    package var text = ""

    /// The defaults of a job.
    package init(jobName: String) {
        self.jobName = jobName
    }
}
