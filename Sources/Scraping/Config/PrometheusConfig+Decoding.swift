import Glibc
import MartletCore
import MetricStorage
import PromQL
import RemoteStorage
package import Service
import Wire

extension PrometheusConfig {
    /// Decodes a document; `directory` is what relative paths in it start from.
    package init(_ document: ConfigDocument, directory: String) throws {
        try document.root.mapping { keys in
            if let section = try keys.mapping("global", { try Self.global(&$0) }) { global = section }
            let jobs = try keys.list("scrape_configs")
            let defaults = global
            var names: Set<String> = []
            for node in jobs {
                let job = try ScrapeConfig(node, global: defaults, directory: directory)
                guard names.insert(job.jobName).inserted else {
                    throw node.error("found multiple scrape configs with job name \"\(job.jobName)\"")
                }
                scrapeConfigs.append(job)
            }
            if let section = try keys.mapping("otlp", { try Self.otlp(&$0) }) { otlp = section }
            ruleFiles = try Self.ruleFiles(&keys, directory)
            if let section = try keys.mapping("alerting", { try AlertingConfig(&$0, directory: directory) }) {
                alerting = section
            }
            remoteWrite = try Self.remoteWrite(&keys)
            remoteRead = try keys.list("remote_read").map { try RemoteReadConfig($0) }
            try keys.unsupported("scrape_config_files", because: "write the scrape configurations into this file")
            retentionRules = try keys.mappings("retention_rules") { try Self.retentionRule(&$0) }
            keys.ignore("runtime", because: "it sets Go's runtime")
            keys.ignore("tracing", because: "use the flag --tracing.endpoint")
            if let storage = try keys.mapping("storage", { try Self.storage(&$0) }) { self.storage = storage }
        }
        resolveFiles(in: directory)
        warnings += document.warnings
    }

    /// Names of certificates, keys and secrets start from the file that has them, as in Prometheus.
    private mutating func resolveFiles(in directory: String) {
        for index in scrapeConfigs.indices { scrapeConfigs[index].http.resolveFiles(in: directory) }
        for index in alerting.alertmanagers.indices { alerting.alertmanagers[index].http.resolveFiles(in: directory) }
        for index in remoteWrite.indices { remoteWrite[index].http.resolveFiles(in: directory) }
        for index in remoteRead.indices { remoteRead[index].http.resolveFiles(in: directory) }
    }

    private static func global(_ keys: inout ConfigMapping) throws -> GlobalConfig {
        var global = GlobalConfig()
        if let interval = try positive(&keys, "scrape_interval") { global.scrapeIntervalMs = interval }
        let timeout = try positive(&keys, "scrape_timeout")
        if let timeout, timeout > global.scrapeIntervalMs {
            throw keys.node.error("global scrape timeout is greater than the scrape interval")
        }
        global.scrapeTimeoutMs = timeout ?? min(10_000, global.scrapeIntervalMs)
        if let interval = try positive(&keys, "evaluation_interval") { global.evaluationIntervalMs = interval }
        global.externalLabels = try keys.stringPairs("external_labels").map { pair in
            (pair.key, EnvironmentText.expand(pair.value) { getenv($0).map { String(cString: $0) } })
        }
        global.limits = try ScrapeLimits(&keys, defaults: ScrapeLimits())
        global.ruleQueryOffsetMs = try keys.duration("rule_query_offset") ?? 0
        for key in ["query_log_file", "scrape_failure_log_file"] {
            keys.ignore(key, because: "failures are in the log and on /api/v1/targets")
        }
        global.protocols = try ScrapeProtocol.list(&keys)
        global.histograms = try HistogramReading(&keys, defaults: global.histograms)
        try ScrapeConfig.passOverFormats(&keys)
        return global
    }

    private static func retentionRule(_ keys: inout ConfigMapping) throws -> RetentionRule {
        let selector = try keys.required("selector")
        let matchers = try selector.parse { try Parser.parseSelector($0) }
        guard let keep = try positive(&keys, "keep") else {
            throw keys.node.error("\(keys.node.path) needs the key \"keep\"")
        }
        return RetentionRule(matchers: matchers, keepMs: keep)
    }

    static func positive(_ keys: inout ConfigMapping, _ key: String) throws -> Int64? {
        guard let node = keys.value(key) else { return nil }
        let duration = try node.duration()
        guard duration > 0 else { throw node.error("\(node.path) must be greater than 0") }
        return duration
    }

    private static func otlp(_ keys: inout ConfigMapping) throws -> OTLPConfig {
        var otlp = OTLPConfig()
        if let strategy = try keys.choice("translation_strategy", OTLPConfig.Strategy.self) { otlp.strategy = strategy }
        otlp.promotedAttributes = try keys.strings("promote_resource_attributes")
        otlp.keepsIdentifyingAttributes = try keys.bool("keep_identifying_resource_attributes") ?? false
        for key in ["promote_all_resource_attributes", "promote_scope_metadata", "convert_histograms_to_nhcb"]
        where try keys.bool(key) == true {
            throw keys.node.error("\(keys.node.path).\(key) is not supported: series would have other labels")
        }
        try keys.unsupported("ignore_resource_attributes", because: "series would have other labels")
        keys.ignore("label_name_underscore_sanitization", because: "names are sanitised as by default")
        keys.ignore("label_name_preserve_multiple_underscores", because: "names are sanitised as by default")
        return otlp
    }

    private static func storage(_ keys: inout ConfigMapping) throws -> StorageConfig {
        var storage = StorageConfig()
        try keys.mapping("exemplars") { exemplars in
            guard let count = try exemplars.int("max_exemplars") else { return }
            guard (0...10_000_000).contains(count) else {
                throw exemplars.node.error("\(exemplars.node.path).max_exemplars must be within 0 and 10000000")
            }
            storage.maxExemplars = Int(count)
        }
        try keys.mapping("tsdb") { tsdb in
            if let window = tsdb.value("out_of_order_time_window") {
                storage.outOfOrderWindowMs = try window.duration()
            }
            tsdb.ignore("stale_series_compaction_threshold", because: "blocks are not written yet")
            tsdb.ignore("chunk_encoding", because: "chunks are XOR chunks")
            tsdb.ignore("retention", because: "blocks are not written yet: 2 h or 1 GB are kept")
        }
        return storage
    }

    /// The elements of `remote_write`, whose names differ where they have some.
    private static func remoteWrite(_ keys: inout ConfigMapping) throws -> [RemoteWriteConfig] {
        var names: Set<String> = []
        return try keys.list("remote_write").map { node in
            let config = try RemoteWriteConfig(node)
            guard config.name.isEmpty || names.insert(config.name).inserted else {
                throw node.error("found multiple remote write configs with job name \"\(config.name)\"")
            }
            return config
        }
    }
}
