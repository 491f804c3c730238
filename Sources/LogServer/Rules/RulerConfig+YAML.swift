import MartletCore
import RemoteStorage
import Rules
import Service

/// The keys of `ruler`, `ruler_storage` and `common.storage` that are about rules.
extension RulerConfig {
    mutating func read(_ keys: inout ConfigMapping) throws {
        if let storage = keys.value("storage") { try readStorage(storage, kind: "type") }
        evaluationIntervalMs = try Self.positive(&keys, "evaluation_interval") ?? evaluationIntervalMs
        pollIntervalMs = try keys.duration("poll_interval") ?? pollIntervalMs
        externalURL = try keys.string("external_url") ?? ""
        datasourceUID = try keys.string("datasource_uid") ?? ""
        externalLabels = try keys.stringPairs("external_labels")
        try readAlertmanagers(&keys)
        settings.outageToleranceMs = try keys.duration("for_outage_tolerance") ?? settings.outageToleranceMs
        settings.gracePeriodMs = try keys.duration("for_grace_period") ?? settings.gracePeriodMs
        settings.resendDelayMs = try keys.duration("resend_delay") ?? settings.resendDelayMs
        isAPIEnabled = try keys.bool("enable_api") ?? true
        enabledTenants = Self.names(try keys.string("enabled_tenants"))
        disabledTenants = Self.names(try keys.string("disabled_tenants"))
        try readRemoteWrite(&keys)
        try keys.mapping("wal") { wal in
            walDirectory = try wal.string("dir").flatMap { $0.isEmpty ? nil : $0 }
            for key in ["truncate_frequency", "min_age", "max_age"] {
                wal.ignore(key, because: "samples wait until they are sent, for up to 3 days and 1 GiB")
            }
        }
        try keys.mapping("evaluation") { evaluation in
            if let mode = evaluation.value("mode"), try !["", "local"].contains(mode.string()) {
                throw mode.error("\(mode.path) must be local: rules are evaluated by the server that has the lines")
            }
            evaluation.ignore("max_jitter", because: "groups are spread over their interval by their names")
            evaluation.ignore("query_frontend", because: "rules are evaluated by the server that has the lines")
        }
        keys.ignore("rule_path", because: "rule files are read where they are, without temporary copies")
        keys.ignore("wal_cleaner", because: "what is sent leaves the disk by itself")
        keys.ignore("flush_period", because: "state is written every second")
        keys.ignore("query_stats_enabled", because: "durations are in loki_prometheus_rule_evaluation_duration_seconds")
        keys.ignore("disable_rule_group_label", because: "metrics always name the group")
        for key in [
            "ruler_client", "enable_sharding", "sharding_strategy", "sharding_algo", "search_pending_for", "ring",
        ] {
            keys.ignore(key, because: "there is one process, no ring")
        }
    }

    /// `ruler.storage`, whose `kind` is named `type`, or `ruler_storage`, where it is `backend`.
    mutating func readStorage(_ node: ConfigNode, kind: String) throws {
        try node.mapping { storage in
            let type = storage.value(kind)
            let local = try storage.mapping("local") { try $0.string("directory") } ?? nil
            if let type, try !["", "local"].contains(type.string()) {
                throw type.error("\(type.path) must be local: rules are files below local.directory")
            }
            if let local, !local.isEmpty { directory = local }
            for key in [
                "azure", "alibabacloud", "gcs", "s3", "bos", "swift", "cos", "filesystem", "storage_prefix", "hedging",
            ] {
                storage.ignore(key, because: "rules are files below local.directory")
            }
        }
    }

    /// `common.storage.filesystem.rules_directory`, which stands for the two above.
    mutating func readCommon(_ storage: ConfigNode?) throws {
        guard let storage, storage.isMapping else { return }
        guard let files = try Self.value("filesystem", of: storage), files.isMapping else { return }
        if let path = try Self.value("rules_directory", of: files)?.string(), !path.isEmpty { directory = path }
    }

    private static func value(_ key: String, of node: ConfigNode) throws -> ConfigNode? {
        try node.entries().first { try $0.key.string() == key }?.value
    }

    private mutating func readRemoteWrite(_ keys: inout ConfigMapping) throws {
        try keys.mapping("remote_write") { write in
            let isEnabled = try write.bool("enabled") ?? false
            var receivers: [RemoteWriteConfig] = []
            for (id, client) in try write.value("clients")?.entries() ?? [] {
                receivers.append(try Self.receiver(client, id: try id.string()))
            }
            if let client = write.value("client") { receivers.append(try Self.receiver(client, id: "client")) }
            write.ignore("config_refresh_period", because: "the file is read at start")
            let addsHeader = try write.bool("add_org_id_header") ?? true
            guard isEnabled else { return }
            guard !receivers.isEmpty else {
                throw write.node.error("remote-write enabled but no clients are configured")
            }
            remoteWrite = RemoteWrite(receivers)
            remoteWrite?.addsTenantHeader = addsHeader
        }
    }

    /// An element of Prometheus' `remote_write`. Rules make neither exemplars nor metadata.
    private static func receiver(_ node: ConfigNode, id: String) throws -> RemoteWriteConfig {
        var config = try RemoteWriteConfig(node)
        if config.name.isEmpty { config.name = id }
        config.sendsExemplars = false
        config.metadata.isSent = false
        return config
    }

    private static func positive(_ keys: inout ConfigMapping, _ key: String) throws -> Int64? {
        guard let node = keys.value(key) else { return nil }
        let duration = try node.duration()
        guard duration > 0 else { throw node.error("\(node.path) must be greater than 0") }
        return duration
    }

    /// The elements of a list with commas.
    static func names(_ text: String?) -> Set<String> { Set(list(text)) }

    static func list(_ text: String?) -> [String] {
        (text ?? "").split(separator: ",").map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
    }

    /// What is in force, one line for each key.
    var yaml: [String] {
        var lines = [
            "enable_api: \(isAPIEnabled)", "evaluation_interval: \(PrometheusDuration.format(evaluationIntervalMs))",
            "for_grace_period: \(PrometheusDuration.format(settings.gracePeriodMs))",
            "for_outage_tolerance: \(PrometheusDuration.format(settings.outageToleranceMs))",
            "notification_queue_capacity: \(notificationQueueCapacity)",
            "poll_interval: \(PrometheusDuration.format(pollIntervalMs))",
            "resend_delay: \(PrometheusDuration.format(settings.resendDelayMs))",
        ]
        if let directory {
            lines += ["storage:", "  type: local", "  local:", "    directory: \(GoQuote.quote(directory))"]
        }
        return lines
    }
}
