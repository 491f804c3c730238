import Durable
import MartletCore
import Scraping
import Service

/// What `check config` says of a prometheus.yml.
package struct ConfigCheck: Sendable {
    /// What ends a server's start; nil when nothing does.
    package private(set) var error: String?
    /// What has no effect or points nowhere.
    package private(set) var warnings: [String] = []
    /// The rule files that it names.
    package private(set) var ruleFiles: [String] = []

    /// Reads a file and, unless `syntaxOnly`, looks for the files that it names.
    package init(_ path: String, syntaxOnly: Bool) {
        do {
            let config = try PrometheusConfig(path: path)
            warnings = config.warnings
            guard !syntaxOnly else { return }
            try findRuleFiles(config)
            findTargetFiles(config)
        } catch {
            self.error = "\(error)"
        }
    }

    private mutating func findRuleFiles(_ config: PrometheusConfig) throws {
        for pattern in config.ruleFiles {
            let found = FilePath.matches(pattern)
            // A pattern may match nothing, a name must not.
            guard !found.isEmpty || pattern.contains("*") else {
                throw UsageError("\(GoQuote.quote(pattern)) does not point to an existing file")
            }
            ruleFiles += found
        }
    }

    private mutating func findTargetFiles(_ config: PrometheusConfig) {
        let discoveries =
            config.scrapeConfigs.flatMap { job in job.fileDiscoveries.map { ("scrape job \"\(job.jobName)\"", $0) } }
            + config.alerting.alertmanagers.flatMap { $0.fileDiscoveries.map { ("alertmanager config", $0) } }
        for (owner, discovery) in discoveries {
            for pattern in discovery.patterns where FilePath.matches(pattern).isEmpty {
                warnings.append("file \(GoQuote.quote(pattern)) for file_sd in \(owner) does not exist")
            }
        }
    }
}
