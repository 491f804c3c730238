import LogQL
import LogStorage
import MartletCore
import Service

/// `limits_config`.
extension LogConfig {
    mutating func readLimits(_ mapping: inout ConfigMapping) throws {
        if let size = try mapping.value("max_line_size")?.byteSize() { limits.maxLineSize = size }
        if let value = try mapping.bool("max_line_size_truncate") { limits.truncatesLongLines = value }
        if let value = try mapping.int("max_label_name_length") { limits.maxLabelNameLength = value }
        if let value = try mapping.int("max_label_value_length") { limits.maxLabelValueLength = value }
        if let value = try mapping.int("max_label_names_per_series") { limits.maxLabelNamesPerSeries = value }
        if let value = try mapping.bool("allow_structured_metadata") { limits.allowsMetadata = value }
        if let size = try mapping.value("max_structured_metadata_size")?.byteSize() { limits.maxMetadataSize = size }
        if let value = try mapping.int("max_structured_metadata_entries_count") { limits.maxMetadataCount = value }
        if let value = try mapping.bool("reject_old_samples") { limits.rejectsOldSamples = value }
        if let value = try mapping.duration("reject_old_samples_max_age") {
            limits.rejectOldSamplesMaxAge = value * 1_000_000
        }
        if let value = try mapping.duration("creation_grace_period") { limits.creationGracePeriod = value * 1_000_000 }
        if let value = try mapping.int("max_global_streams_per_user") { limits.maxStreams = value }
        if let value = try mapping.int("max_streams_per_user"), value > 0 { limits.maxStreams = value }
        if let value = try mapping.double("ingestion_rate_mb") {
            limits.ingestionRate = Self.bytes(megabytes: value)
        }
        if let value = try mapping.double("ingestion_burst_size_mb") {
            limits.ingestionBurst = Self.bytes(megabytes: value)
        }
        if let value = try mapping.int("max_entries_limit_per_query") { limits.maxEntriesPerQuery = value }
        if let value = try mapping.int("max_query_series") { limits.maxQuerySeries = value }
        if let value = try mapping.duration("max_query_length") { limits.maxQueryLength = value * 1_000_000 }
        if let value = try mapping.duration("query_timeout") { limits.queryTimeout = Double(value) / 1000 }
        if mapping.has("discover_service_name") {
            limits.discoverServiceName = try mapping.strings("discover_service_name")
        }
        if let value = try mapping.bool("discover_log_levels") { limits.discoversLogLevels = value }
        if mapping.has("log_level_fields") { limits.logLevelFields = try mapping.strings("log_level_fields") }
        if let value = try mapping.int("volume_max_series") { limits.volumeMaxSeries = value }
        if let value = mapping.value("otlp_config") { try otlp.read(value) }
        if let value = try mapping.duration("retention_period") { limits.retention = value / 1000 }
        if let value = try mapping.int("max_concurrent_tail_requests") { limits.maxTails = value }
        if let value = try mapping.bool("allow_deletes") { limits.allowsDeletes = value }
        if let mode = mapping.value("deletion_mode") {
            switch try mode.string() {
            case "disabled": limits.allowsDeletes = false
            case "filter-only": (limits.allowsDeletes, limits.deletesFromDisk) = (true, false)
            case "filter-and-delete": limits.allowsDeletes = true
            default: throw mode.error("deletion_mode is disabled, filter-only or filter-and-delete")
            }
        }
        limits.retentionRules = try mapping.mappings("retention_stream") { try Self.retentionRule(&$0) }
        ruler.maxRulesPerGroup = try mapping.int("ruler_max_rules_per_rule_group") ?? 0
        ruler.maxGroupsPerTenant = try mapping.int("ruler_max_rule_groups_per_tenant") ?? 0
        if try mapping.bool("ruler_remote_write_disabled") == true { ruler.remoteWrite = nil }
        for key in ["ruler_alertmanager_config", "ruler_remote_write_config"] {
            try mapping.unsupported(key, because: "the keys of ruler hold for all tenants")
        }
        for key in Self.limitsWithoutEffect {
            mapping.ignore(key, because: "this server has no such part or no such limit")
        }
    }

    private static func retentionRule(_ rule: inout ConfigMapping) throws -> LogRetention.Rule {
        let selector = try rule.required("selector")
        let period = try rule.required("period")
        let milliseconds = try period.duration()
        // Loki's bound, and Loki's words.
        guard milliseconds >= 86_400_000 else {
            throw period.error("retention period must be >= 24h was \(GoDuration.format(milliseconds * 1_000_000))")
        }
        let priority = try rule.int("priority") ?? 0
        return try selector.parse { text in
            guard case .log(let expression) = try QueryExpression(parsing: text), expression.stages.isEmpty else {
                throw LogQueryError(.badQuery, "only label matchers are supported")
            }
            return LogRetention.Rule(
                matchers: expression.matchers, priority: priority, seconds: milliseconds / 1000)
        }
    }

    /// At most a terabyte; what is no number or below zero counts as 0, no limit.
    private static func bytes(megabytes: Double) -> Int { megabytes > 0 ? Int(min(megabytes, 1e6) * 1_048_576) : 0 }

    private static let limitsWithoutEffect = [
        "ingestion_rate_strategy", "per_stream_rate_limit", "per_stream_rate_limit_burst", "unordered_writes",
        "max_chunks_per_query", "max_query_lookback", "max_query_range", "max_query_parallelism",
        "tsdb_max_query_parallelism", "tsdb_max_bytes_per_shard", "tsdb_sharding_strategy", "tsdb_precompute_chunks",
        "cardinality_limit", "max_streams_matchers_per_query",
        "max_cache_freshness_per_query", "max_stats_cache_freshness", "max_metadata_cache_freshness",
        "max_queriers_per_tenant", "max_query_capacity", "query_ready_index_num_days", "split_queries_by_interval",
        "split_metadata_queries_by_interval", "split_recent_metadata_queries_by_interval",
        "recent_metadata_query_window", "split_instant_metric_queries_by_interval",
        "split_ingester_queries_by_interval",
        "min_sharding_lookback", "max_query_bytes_read", "max_querier_bytes_read", "volume_enabled",
        "ruler_tenant_shard_size", "ruler_remote_write_url",
        "per_tenant_override_config", "per_tenant_override_period", "shard_streams", "blocked_queries",
        "required_labels", "required_number_labels", "minimum_labels_number", "index_gateway_shard_size",
        "bloom_gateway_enable_filtering", "bloom_creation_enabled", "increment_duplicate_timestamp",
        "metric_aggregation_enabled",
        "pattern_persistence_enabled", "discover_generic_fields", "max_line_size_truncate_indicator",
        "query_timeout_response",
        "global_otlp_config", "block_ingestion_until", "block_ingestion_status_code", "enforced_labels",
        "simulated_push_latency",
        "ingestion_partitions_tenant_shard_size", "shard_aggregations", "pattern_ingester_tokenizable_json_fields",
        "otlp_config_global", "s3_sse_type", "policy_stream_mapping", "retention_enabled",
    ]
}
