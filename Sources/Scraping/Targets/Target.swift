package import MartletCore
import Service
package import Wire

/// A thing to be scraped, as discovery and relabelling made it.
package struct Target: Sendable {
    /// What makes a target the same from one look at discovery to the next, and over its files: how it is scraped, into
    /// which series. Labels that relabelling has not kept are not in it.
    package struct Identity: Sendable, Hashable {
        let labels: Labels
        let url: String
        let intervalMs: Int64
        let timeoutMs: Int64
        let histograms: HistogramReading
    }

    /// The labels before relabelling, `__meta_…` included: they are only shown.
    package let discoveredLabels: Labels
    /// The labels of its series.
    package let labels: Labels
    package let url: String
    package let intervalMs: Int64
    package let timeoutMs: Int64
    /// Which forms of histograms are taken from it.
    package let histograms: HistogramReading

    /// Two of one identity are the same target.
    package var identity: Identity {
        Identity(labels: labels, url: url, intervalMs: intervalMs, timeoutMs: timeoutMs, histograms: histograms)
    }

    /// Why discovered labels gave no target.
    package enum Refusal: Error, Sendable, CustomStringConvertible {
        /// A relabelling rule dropped it.
        case dropped
        /// It is unusable.
        case invalid(String)

        package var description: String {
            switch self {
            case .dropped: "dropped by relabelling"
            case .invalid(let reason): reason
            }
        }
    }

    /// The labels a target is discovered with: those of its group over the job's defaults.
    package static func discovered(_ address: String, _ group: TargetGroup, _ job: ScrapeConfig) -> Labels {
        var builder = LabelsBuilder()
        builder.set("job", job.jobName)
        builder.set("__scheme__", job.scheme)
        builder.set("__metrics_path__", job.metricsPath)
        builder.set("__scrape_interval__", PrometheusDuration.format(job.intervalMs))
        builder.set("__scrape_timeout__", PrometheusDuration.format(job.timeoutMs))
        for choice in HistogramChoice.allCases { builder.set(choice.label, "\(job.histograms[keyPath: choice.path])") }
        for (name, values) in job.params { if let first = values.first { builder.set("__param_" + name, first) } }
        for (name, value) in group.labels { builder.set(name, value) }
        builder.set("__address__", address)
        return builder.build()
    }

    /// Relabels discovered labels into a target.
    package init(_ discovered: Labels, _ job: ScrapeConfig) throws(Refusal) {
        guard let relabelled = RelabelRule.apply(job.relabelRules, to: discovered) else { throw .dropped }
        guard let address = relabelled["__address__"] else { throw .invalid("no address") }
        guard !address.contains("/") else { throw .invalid("\"\(address)\" is not a valid hostname") }
        discoveredLabels = discovered
        intervalMs = try Self.duration(relabelled, "__scrape_interval__", job.intervalMs)
        timeoutMs = try Self.duration(relabelled, "__scrape_timeout__", job.timeoutMs)
        guard timeoutMs <= intervalMs else { throw .invalid("scrape timeout cannot be greater than scrape interval") }
        histograms = try HistogramChoice.reading(relabelled, job.histograms)
        let scheme = relabelled["__scheme__"] ?? "http"
        let path = relabelled["__metrics_path__"] ?? ""
        url = "\(scheme)://\(address)\(path.hasPrefix("/") ? path : "/" + path)\(Self.query(relabelled, job))"
        var builder = LabelsBuilder(relabelled)
        if relabelled["instance"] == nil { builder.set("instance", address) }
        builder.filter { !$0.starts(with: "__".utf8) }
        labels = builder.build()
    }

    private static func duration(_ labels: Labels, _ name: String, _ fallback: Int64) throws(Refusal) -> Int64 {
        guard let text = labels[name] else { return fallback }
        guard let value = try? PrometheusDuration.parse(text), value > 0 else {
            throw .invalid("\(name) \"\(text)\" is no duration above 0")
        }
        return value
    }

    /// `?a=b&…`: the first value of each parameter from its label, further values from the configuration.
    private static func query(_ labels: Labels, _ job: ScrapeConfig) -> String {
        var values = job.params
        for (name, value) in labels.pairs where name.hasPrefix("__param_") {
            let key = String(name.dropFirst("__param_".count))
            values[key] = [value] + (values[key] ?? []).dropFirst()
        }
        let parts = values.sorted { $0.key < $1.key }.flatMap { entry in
            entry.value.map { URLText.encoded(entry.key) + "=" + URLText.encoded($0) }
        }
        return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    }
}
