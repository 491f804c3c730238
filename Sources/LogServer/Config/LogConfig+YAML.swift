import LogStorage
import MartletCore

/// The configuration as it is in force, under Loki's keys.
extension LogConfig {
    /// All of it.
    var yaml: String {
        var lines = ["auth_enabled: \(isAuthEnabled)"]
        if listenHost != nil || listenPort != nil {
            lines.append("server:")
            if let listenHost { lines.append("  http_listen_address: \(GoQuote.quote(listenHost))") }
            if let listenPort { lines.append("  http_listen_port: \(listenPort)") }
        }
        if let storagePath {
            lines += ["common:", "  path_prefix: \(GoQuote.quote(storagePath))"]
        }
        lines += ["querier:", "  multi_tenant_queries_enabled: \(queriesSeveralTenants)"]
        lines += [
            "compactor:", "  delete_request_cancel_period: \(PrometheusDuration.format(deleteCancelPeriod))",
        ]
        lines += ["query_range:", "  align_queries_with_step: \(alignsQueriesWithStep)", "limits_config:"]
        lines += limits.yaml.map { "  " + $0 }
        lines.append("ruler:")
        lines += ruler.yaml.map { "  " + $0 }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension LogLimits {
    private var deletionMode: String {
        allowsDeletes ? deletesFromDisk ? "filter-and-delete" : "filter-only" : "disabled"
    }

    /// One line for each key.
    var yaml: [String] {
        func list(_ names: [String]) -> String { "[" + names.map(GoQuote.quote).joined(separator: ", ") + "]" }
        func rule(_ rule: LogRetention.Rule) -> String {
            let selector = "{" + rule.matchers.map(\.description).joined(separator: ", ") + "}"
            return "{selector: \(GoQuote.quote(selector)), priority: \(rule.priority), period: \(rule.seconds)s}"
        }
        func megabytes(_ bytes: Int) -> String { FloatText.fixed(Double(bytes) / 1_048_576) }
        return [
            "allow_deletes: \(allowsDeletes)", "allow_structured_metadata: \(allowsMetadata)",
            "creation_grace_period: \(GoDuration.format(creationGracePeriod))",
            "deletion_mode: \(deletionMode)",
            "discover_log_levels: \(discoversLogLevels)", "discover_service_name: \(list(discoverServiceName))",
            "ingestion_burst_size_mb: \(megabytes(ingestionBurst))", "ingestion_rate_mb: \(megabytes(ingestionRate))",
            "log_level_fields: \(list(logLevelFields))", "max_concurrent_tail_requests: \(maxTails)",
            "max_entries_limit_per_query: \(maxEntriesPerQuery)", "max_global_streams_per_user: \(maxStreams)",
            "max_label_name_length: \(maxLabelNameLength)", "max_label_names_per_series: \(maxLabelNamesPerSeries)",
            "max_label_value_length: \(maxLabelValueLength)", "max_line_size: \(maxLineSize)",
            "max_line_size_truncate: \(truncatesLongLines)", "max_query_length: \(GoDuration.format(maxQueryLength))",
            "max_query_series: \(maxQuerySeries)", "max_structured_metadata_entries_count: \(maxMetadataCount)",
            "max_structured_metadata_size: \(maxMetadataSize)",
            "query_timeout: \(GoDuration.format(Int64(queryTimeout * 1e9)))",
            "reject_old_samples: \(rejectsOldSamples)",
            "reject_old_samples_max_age: \(GoDuration.format(rejectOldSamplesMaxAge))",
            "retention_period: \(retention)s",
            "retention_stream: [" + retentionRules.map(rule).joined(separator: ", ") + "]",
            "volume_max_series: \(volumeMaxSeries)",
        ]
    }
}
