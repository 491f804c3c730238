import Durable
import MartletCore
import Service

extension AlertingConfig {
    init(_ keys: inout ConfigMapping, directory: String) throws {
        relabelRules = try keys.list("alert_relabel_configs").map { try RelabelRule($0) }
        alertmanagers = try keys.list("alertmanagers").map { try AlertmanagerConfig($0, directory: directory) }
    }
}

extension AlertmanagerConfig {
    init(_ node: ConfigNode, directory: String) throws {
        self = try node.mapping { keys in
            var config = AlertmanagerConfig()
            if let scheme = keys.value("scheme") {
                config.scheme = try scheme.string().lowercased()
                guard ["http", "https"].contains(config.scheme) else {
                    throw scheme.error("\(scheme.path) must be http or https")
                }
            }
            config.pathPrefix = try keys.string("path_prefix") ?? "/"
            config.timeoutMs = try PrometheusConfig.positive(&keys, "timeout") ?? 10_000
            if let version = keys.value("api_version"), try version.string() != "v2" {
                throw version.error(
                    "expected Alertmanager api version to be one of [v2] but got \(try version.string())")
            }
            config.http = try HTTPClientSettings(&keys)
            let relabels = !(try keys.list("relabel_configs").isEmpty)
            config.staticGroups = try keys.list("static_configs").map { try TargetGroup($0, mayHaveURLs: relabels) }
            config.fileDiscoveries = try keys.list("file_sd_configs").map {
                try FileDiscovery($0, directory: directory)
            }
            for key in ScrapeConfig.discoveryKeys { try keys.unsupported(key, because: "its targets would be missing") }
            try keys.unsupported("sigv4", because: "requests would go out without the signature")
            config.relabelRules = try keys.list("relabel_configs").map { try RelabelRule($0) }
            config.alertRelabelRules = try keys.list("alert_relabel_configs").map { try RelabelRule($0) }
            return config
        }
    }
}

extension PrometheusConfig {
    /// Patterns of rule files; only the last component of a path may have wildcards.
    static func ruleFiles(_ keys: inout ConfigMapping, _ directory: String) throws -> [String] {
        guard let node = keys.value("rule_files") else { return [] }
        return try node.strings().map { pattern in
            guard !FilePath.parent(of: pattern).contains("*"), !pattern.hasSuffix("/") else {
                throw node.error("invalid rule file path \"\(pattern)\"")
            }
            return pattern.hasPrefix("/") ? pattern : FilePath.join(directory, pattern)
        }
    }
}
