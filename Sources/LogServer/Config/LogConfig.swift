package import Service

/// Loki's configuration file: known keys are read, unknown ones are errors, and those that have no meaning in a single
/// process give one warning each.
package struct LogConfig: Sendable {
    /// Whether requests must name their tenant.
    package var isAuthEnabled = false
    /// Where `server:` says to listen; nil without it.
    package var listenHost: String?
    package var listenPort: Int?
    /// Loki's path for data; nil without it.
    package var storagePath: String?
    package var limits = LogLimits()
    package var otlp = OTLPLabelRules()
    /// Largest accepted push in bytes, as sent and decoded.
    package var maxPushBytes = 100 << 20
    /// Whether the points of range queries lie at multiples of their step (`query_range.align_queries_with_step`).
    package var alignsQueriesWithStep = false
    /// Milliseconds in which a delete request can be taken back; then its lines go from the disk.
    package var deleteCancelPeriod: Int64 = 24 * 3_600_000
    /// Rules, and where what they give goes.
    package var ruler = RulerConfig()
    /// Whether a query may be about several tenants (`querier.multi_tenant_queries_enabled`).
    package var queriesSeveralTenants = false
    /// One line for each key without effect.
    package var warnings: [String] = []

    /// The configuration without a file.
    package init() {}

    /// Reads a file; throws `ConfigError` with file, line and column.
    package init(path: String) throws {
        try self.init(ConfigDocument(path: path))
    }

    /// Reads a document.
    package init(_ document: ConfigDocument) throws {
        // In Loki's file authentication is on unless it is turned off.
        isAuthEnabled = true
        try document.root.mapping { root in
            isAuthEnabled = try root.bool("auth_enabled") ?? true
            try root.mapping("server") { try readServer(&$0) }
            try root.mapping("common") { try readCommon(&$0) }
            try root.mapping("ruler") { try ruler.read(&$0) }
            if let storage = root.value("ruler_storage") { try ruler.readStorage(storage, kind: "backend") }
            try root.mapping("limits_config") { try readLimits(&$0) }
            try root.mapping("distributor") { distributor in
                try distributor.mapping("otlp_config") { otlp in
                    if let names = try? otlp.strings("default_resource_attributes_as_index_labels"), !names.isEmpty {
                        self.otlp.resourceLabels = names
                    }
                }
                for key in ["ring", "rate_store", "write_failures_logging", "ingest_limits_enabled"] {
                    distributor.ignore(key, because: "there is one process, no ring")
                }
            }
            try root.mapping("compactor") { compactor in
                deleteCancelPeriod = try compactor.duration("delete_request_cancel_period") ?? deleteCancelPeriod
                for key in Self.compactorWithoutEffect {
                    compactor.ignore(key, because: "files are merged and dropped as they come, by the server itself")
                }
            }
            try root.mapping("querier") { querier in
                queriesSeveralTenants = try querier.bool("multi_tenant_queries_enabled") ?? false
                for key in Self.querierWithoutEffect {
                    querier.ignore(key, because: "the query engine sizes itself within --memory.limit")
                }
            }
            try root.mapping("query_range") { range in
                alignsQueriesWithStep = try range.bool("align_queries_with_step") ?? false
                for key in Self.queryRangeWithoutEffect {
                    range.ignore(key, because: "the query engine sizes itself within --memory.limit")
                }
            }
            for (reason, keys) in Self.withoutEffect { for key in keys { root.ignore(key, because: reason) } }
        }
        warnings = document.warnings
    }

    private static let queryRangeWithoutEffect = [
        "results_cache", "cache_results", "max_retries", "parallelise_shardable_queries", "shard_aggregations",
        "cache_index_stats_results", "index_stats_results_cache", "cache_volume_results", "volume_results_cache",
        "cache_instant_metric_results", "instant_metric_results_cache", "instant_metric_query_split_align",
        "cache_series_results", "series_results_cache", "cache_label_results", "label_results_cache",
        "split_queries_by_interval",
    ]

    private static let querierWithoutEffect = [
        "tail_max_duration", "extra_query_delay", "query_ingesters_within", "engine", "max_concurrent",
        "query_store_only", "query_ingester_only", "per_request_limits_enabled", "query_partition_ingesters",
    ]

    private static let compactorWithoutEffect = [
        "working_directory", "shared_store", "shared_store_key_prefix", "compaction_interval",
        "apply_retention_interval", "retention_enabled", "retention_delete_delay", "retention_delete_worker_count",
        "retention_table_timeout", "retention_backoff_config", "delete_request_store",
        "delete_request_store_key_prefix", "delete_request_store_db_type", "backup_delete_request_store_db_type",
        "delete_batch_size", "delete_max_interval", "max_compaction_parallelism", "upload_parallelism",
        "compactor_ring", "tables_to_compact", "skip_latest_n_tables", "horizontal_scaling_mode", "worker_config",
        "jobs_config", "deletion_mode", "deletion_marker_object_store_prefix",
    ]

    private static let withoutEffect: [(String, [String])] = [
        (
            "all parts run in one process",
            [
                "target", "memberlist", "ingester_client", "frontend_worker", "index_gateway", "kafka_config",
                "runtime_config",
                "query_scheduler", "frontend", "ballast_bytes", "shutdown_delay", "dataobj", "ui", "ingest_limits",
                "ingest_limits_frontend", "ingest_limits_frontend_client", "block_builder", "block_scheduler",
                "partition_ring",
            ]
        ),
        (
            "the storage has one format of its own and needs no schema; a bucket is given with --objstore.config-file",
            ["schema_config", "storage_config", "chunk_store_config", "table_manager", "compactor_client"]
        ),
        (
            "the storage and query engine size themselves within --memory.limit",
            [
                "ingester", "pattern_ingester", "bloom_build", "bloom_gateway",
                "bloom_compactor",
                "query_engine",
            ]
        ),
        (
            "nothing is reported, profiled or traced by this key; see --tracing.endpoint",
            ["analytics", "tracing", "profiling", "operational_config", "metrics_namespace", "http_prefix"]
        ),
    ]

    private mutating func readServer(_ server: inout ConfigMapping) throws {
        listenHost = try server.string("http_listen_address")
        if let port = server.value("http_listen_port") {
            listenPort = try port.int()
            guard (0...65_535).contains(try port.int()) else {
                throw port.error("\(port.path) must be within 0 and 65535")
            }
        }
        for key in ["grpc_listen_address", "grpc_listen_port", "grpc_listen_network", "http_listen_network"] {
            server.ignore(key, because: "the server speaks HTTP on one address")
        }
        server.ignore("log_level", because: "--log.level sets it")
        server.ignore("log_format", because: "--log.format sets it")
        for (key, _) in server.rest() where !Self.isServerKey(key) {
            throw server.node.error("unknown key \"\(key)\" in server")
        }
    }

    /// The rest of `server:` is about connections; flags and the web configuration say it here.
    private static func isServerKey(_ key: String) -> Bool {
        ["http_", "grpc_", "tls_", "log_", "register_", "graceful_", "proxy_", "connection_", "trace_"].contains {
            key.hasPrefix($0)
        }
    }

    private mutating func readCommon(_ common: inout ConfigMapping) throws {
        storagePath = try common.string("path_prefix")
        try ruler.readCommon(common.value("storage"))
        for key in ["storage", "compactor_grpc_address", "compactor_address"] {
            common.ignore(key, because: "lines are stored in the data directory")
        }
        for key in [
            "replication_factor", "ring", "instance_interface_names", "instance_addr", "instance_enable_ipv6",
            "persist_tokens",
        ] {
            common.ignore(key, because: "there is one process, no ring")
        }
    }
}
