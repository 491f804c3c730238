import Glibc
import MartletCore
import Service
import Wire

extension ScrapeConfig {
    /// Discovery mechanisms that Prometheus has and this server has not.
    static let discoveryKeys = [
        "http", "dns", "kubernetes", "consul", "docker", "dockerswarm", "nomad", "ec2", "lightsail", "aws", "azure",
        "gce", "openstack", "digitalocean", "hetzner", "linode", "ionos", "ovhcloud", "scaleway", "vultr", "oci",
        "outscale", "stackit", "eureka", "marathon", "nerve", "serverset", "triton", "puppetdb", "kuma", "uyuni",
    ].map { $0 + "_sd_configs" }

    /// Decodes one element of `scrape_configs`.
    init(_ node: ConfigNode, global: GlobalConfig, directory: String) throws {
        self = try node.mapping { keys in
            let name = try keys.required("job_name")
            var job = ScrapeConfig(jobName: try name.string())
            guard !job.jobName.isEmpty else { throw name.error("job_name is empty") }
            try job.decodeTimes(&keys, global)
            job.metricsPath = try keys.string("metrics_path") ?? "/metrics"
            if let scheme = keys.value("scheme") {
                job.scheme = try scheme.string().lowercased()
                guard ["http", "https"].contains(job.scheme) else {
                    throw scheme.error("\(scheme.path) must be http or https")
                }
            }
            for entry in try keys.value("params")?.entries() ?? [] {
                let key = try entry.key.string()
                job.params[key] = try entry.value.strings()
            }
            job.honorLabels = try keys.bool("honor_labels") ?? false
            job.honorTimestamps = try keys.bool("honor_timestamps") ?? true
            job.tracksTimestampStaleness = try keys.bool("track_timestamps_staleness") ?? false
            job.enablesCompression = try keys.bool("enable_compression") ?? true
            job.limits = try ScrapeLimits(&keys, defaults: global.limits)
            job.http = try HTTPClientSettings(&keys)
            let relabels = !(try keys.list("relabel_configs").isEmpty)
            job.staticGroups = try keys.list("static_configs").map { try TargetGroup($0, mayHaveURLs: relabels) }
            job.fileDiscoveries = try keys.list("file_sd_configs").map { try FileDiscovery($0, directory: directory) }
            for key in Self.discoveryKeys { try keys.unsupported(key, because: "its targets would be missing") }
            job.relabelRules = try keys.list("relabel_configs").map { try RelabelRule($0) }
            job.metricRelabelRules = try keys.list("metric_relabel_configs").map { try RelabelRule($0) }
            job.protocols = try ScrapeProtocol.list(&keys) ?? global.protocols
            job.fallbackProtocol = try keys.value("fallback_scrape_protocol").map { try ScrapeProtocol($0) }
            job.histograms = try HistogramReading(&keys, defaults: global.histograms)
            try job.decodeResolution(&keys)
            job.text = try RedactedText.of(node)
            try Self.passOverFormats(&keys)
            return job
        }
    }

    private mutating func decodeTimes(_ keys: inout ConfigMapping, _ global: GlobalConfig) throws {
        intervalMs = try PrometheusConfig.positive(&keys, "scrape_interval") ?? global.scrapeIntervalMs
        let timeout = try PrometheusConfig.positive(&keys, "scrape_timeout")
        if let timeout, timeout > intervalMs {
            throw keys.node.error(
                "scrape timeout is greater than the scrape interval in scrape config \"\(jobName)\"")
        }
        timeoutMs = timeout ?? min(global.scrapeTimeoutMs, intervalMs)
    }

    /// How many buckets native histograms may have, and how fine they may be.
    private mutating func decodeResolution(_ keys: inout ConfigMapping) throws {
        if let node = keys.value("native_histogram_bucket_limit") {
            bucketLimit = try node.int()
            guard bucketLimit >= 0 else { throw node.error("\(node.path) must not be negative") }
        }
        // The finest schema whose buckets grow by at least this factor: 2^(2^-schema).
        guard let factor = try keys.double("native_histogram_min_bucket_factor"), factor > 1 else { return }
        finestSchema = Int32(min(max((-log2(log2(factor))).rounded(.down), -4), 8))
    }

    /// Keys that choose among names.
    static func passOverFormats(_ keys: inout ConfigMapping) throws {
        try keys.unsupported(
            "scrape_classic_histograms", because: "it is always_scrape_classic_histograms since Prometheus 3.0")
        if try keys.bool("extra_scrape_metrics") == true {
            throw keys.node.error("\(keys.node.path).extra_scrape_metrics is not supported: series would be missing")
        }
        for (key, supported) in [
            ("metric_name_validation_scheme", "utf8"), ("metric_name_escaping_scheme", "allow-utf-8"),
        ] {
            if let value = keys.value(key), try value.string() != supported {
                throw value.error("\(value.path) is not supported unless it is \(supported)")
            }
        }
    }
}

extension ScrapeProtocol {
    /// The protocols that `scrape_protocols` lists; nil when the key is absent.
    static func list(_ keys: inout ConfigMapping) throws -> [ScrapeProtocol]? {
        guard let list = keys.value("scrape_protocols") else { return nil }
        let protocols = try list.list().map { try ScrapeProtocol($0) }
        guard !protocols.isEmpty else { throw list.error("scrape_protocols cannot be empty") }
        guard Set(protocols).count == protocols.count else {
            throw list.error("duplicated protocol in scrape_protocols, got \(protocols.map(\.rawValue))")
        }
        return protocols
    }

    /// The protocol of this name.
    init(_ node: ConfigNode) throws {
        let name = try node.string()
        guard let known = ScrapeProtocol(rawValue: name) else {
            let supported = Self.allCases.map(\.rawValue).sorted().joined(separator: " ")
            throw node.error("unknown scrape protocol \(name), supported: [\(supported)]")
        }
        self = known
    }
}

extension HistogramReading {
    init(_ keys: inout ConfigMapping, defaults: HistogramReading) throws {
        self = defaults
        takesNative = try keys.bool("scrape_native_histograms") ?? defaults.takesNative
        keepsClassic = try keys.bool("always_scrape_classic_histograms") ?? defaults.keepsClassic
        convertsClassic = try keys.bool("convert_classic_histograms_to_nhcb") ?? defaults.convertsClassic
    }
}

extension ScrapeLimits {
    init(_ keys: inout ConfigMapping, defaults: ScrapeLimits) throws {
        self = defaults
        bodySize = try keys.byteSize("body_size_limit") ?? defaults.bodySize
        samples = try keys.int("sample_limit") ?? defaults.samples
        targets = try keys.int("target_limit") ?? defaults.targets
        labels = try keys.int("label_limit") ?? defaults.labels
        labelName = try keys.int("label_name_length_limit") ?? defaults.labelName
        labelValue = try keys.int("label_value_length_limit") ?? defaults.labelValue
        droppedTargets = try keys.int("keep_dropped_targets") ?? defaults.droppedTargets
    }
}

extension TargetGroup {
    /// Decodes `{targets: […], labels: {…}}`. URLs are no addresses, but relabelling may make some of them.
    init(_ node: ConfigNode, mayHaveURLs: Bool) throws {
        self = try node.mapping { keys in
            let targets = try keys.list("targets")
            for target in targets where try !mayHaveURLs && target.string().contains("/") {
                throw target.error("\"\(try target.string())\" is not a valid hostname: targets are host:port")
            }
            let labels = try keys.stringPairs("labels")
            return TargetGroup(
                targets: try targets.map { try $0.string() },
                labels: Dictionary(labels.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }))
        }
    }
}
