package import MetricStorage
package import RemoteStorage
import Service

/// A prometheus.yml, read whole: what acts, and what is known but does not act here.
package struct PrometheusConfig: Sendable {
    package var global = GlobalConfig()
    /// Patterns of rule files, absolute or relative to the working directory.
    package var ruleFiles: [String] = []
    package var alerting = AlertingConfig()
    package var scrapeConfigs: [ScrapeConfig] = []
    package var remoteWrite: [RemoteWriteConfig] = []
    package var remoteRead: [RemoteReadConfig] = []
    package var otlp = OTLPConfig()
    package var storage = StorageConfig()
    /// Lines to be logged once.
    package var warnings: [String] = []
    /// How long the samples of some series are kept.
    package var retentionRules: [RetentionRule] = []
    /// The file as YAML in block style, with secrets hidden, for `/api/v1/status/config`.
    package var text = ""

    /// An empty configuration: nothing is scraped.
    package init() {}

    /// Reads a file. Relative paths in it are relative to its directory.
    package init(path: String) throws {
        let document = try ConfigDocument(path: path)
        try self.init(document, directory: PrometheusConfig.directory(of: path))
        text = try RedactedText.of(document.root)
    }

    /// The configuration without a file: the server scrapes itself, below the path where it answers.
    package static func scrapingItself(at address: String, below prefix: String = "") -> PrometheusConfig {
        var config = PrometheusConfig()
        config.global.scrapeIntervalMs = 15_000
        var job = ScrapeConfig(jobName: "martlet-metrics")
        job.intervalMs = 15_000
        job.staticGroups = [TargetGroup(targets: [address])]
        let prefix = prefix.split(separator: "/").map { "/" + $0 }.joined()
        job.metricsPath = prefix + "/metrics"
        let path = prefix.isEmpty ? "" : "\n  metrics_path: \(prefix)/metrics"
        job.text = """
            job_name: martlet-metrics\(path.replacing("\n  ", with: "\n"))
            static_configs:
            - targets: ["\(address)"]

            """
        config.scrapeConfigs = [job]
        config.text = """
            global:
              scrape_interval: 15s
            scrape_configs:
            - job_name: martlet-metrics\(path)
              static_configs:
              - targets: ["\(address)"]

            """
        return config
    }

    /// What relative paths in a file start from.
    package static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
