package import OTLPReceiver
package import Service
package import SpanMetrics
package import TraceSampling
package import TraceStorage

/// Tempo's configuration file, as far as it has a meaning here.
package struct TraceConfig: Sendable {
    /// Whether requests name their tenant.
    package var multitenancy = false
    /// Host of the query address; nil when not given.
    package var httpHost: String?
    /// Port of the query address; nil when not given.
    package var httpPort: Int?
    /// Where OTLP arrives over gRPC; nil when not given.
    package var otlpGRPC: ListenAddress?
    /// Where OTLP arrives over HTTP; nil when not given.
    package var otlpHTTP: ListenAddress?
    /// Where Zipkin's and Jaeger's spans arrive.
    package var receivers = SpanReceivers()
    /// Directory of the local backend; nil when not given.
    package var storagePath: String?
    /// How long spans are kept, in seconds; nil when not given, 0 for no limit.
    package var retentionSeconds: Int?
    /// How spans are kept.
    package var store = TraceStoreOptions()
    /// How much may arrive; nil for no limit.
    package var rate: IngestRate?
    /// Which spans are not taken at all; nil for none. What is not kept of those that are, is in `store`.
    package var headSampling: HeadSampling?
    /// What queries may ask for.
    package var query = QueryLimits()
    /// Metrics that are made of spans.
    package var generator = GeneratorConfig()
    /// One line for each key that is read and has no effect.
    package private(set) var warnings: [String] = []

    /// The defaults.
    package init() {}

    /// Reads a file.
    ///
    /// - Throws: `ConfigError` with the place of the first mistake.
    package init(path: String) throws {
        try self.init(ConfigDocument(path: path))
    }

    /// Reads a document.
    ///
    /// - Throws: `ConfigError` with the place of the first mistake.
    package init(_ document: ConfigDocument) throws {
        var generator = GeneratorKeys()
        try document.root.mapping { root in
            multitenancy = try root.bool("multitenancy_enabled") ?? false
            try root.mapping("server") { try server(&$0) }
            try root.mapping("distributor") { try distributor(&$0) }
            try root.mapping("metrics_generator") { try generator.read(&$0) }
            try root.mapping("overrides") { try overrides(&$0, &generator) }
            try root.mapping("storage") { try storage(&$0) }
            for key in ["compactor", "backend_worker"] { try root.mapping(key) { try compactor(&$0) } }
            try root.mapping("query_frontend") { try queryFrontend(&$0) }
            try root.mapping("sampling") { try sampling(&$0) }
            if let target = root.value("target"), !["all", "scalable-single-binary"].contains(try target.string()) {
                throw target.error("target must be \"all\": one process does everything")
            }
            if let prefix = try root.string("http_api_prefix"), !prefix.isEmpty {
                try root.unsupported("http_api_prefix", because: "the API is served at the root")
            }
            for key in Self.otherComponents { root.ignore(key, because: "one process does everything here") }
            for key in Self.meaninglessKeys { root.ignore(key, because: "there is nothing to choose here") }
        }
        self.generator = generator.config
        warnings = document.warnings
    }

    private static let otherComponents = [
        "ingester", "ingester_client", "live_store", "live_store_client", "block_builder", "backend_scheduler",
        "backend_scheduler_client", "querier", "memberlist", "ingest", "internal_server",
        "metrics_generator_client", "usage_report", "cache",
    ]
    private static let meaninglessKeys = [
        "stream_over_http_enabled", "use_otel_tracer", "enable_go_runtime_metrics", "autocomplete_filtering_enabled",
        "shutdown_delay", "memory", "search_enabled", "metrics_generator_enabled",
    ]

    // MARK: Sections

    private mutating func server(_ section: inout ConfigMapping) throws {
        httpHost = try section.string("http_listen_address")
        if let port = section.value("http_listen_port") {
            httpPort = try port.int()
            guard let chosen = httpPort, (0...65535).contains(chosen) else {
                throw port.error("http_listen_port must be within 0 and 65535")
            }
        }
        for key in [
            "grpc_listen_port", "grpc_listen_address", "grpc_server_max_recv_msg_size", "grpc_server_max_send_msg_size",
            "grpc_server_max_concurrent_streams", "grpc_server_keepalive_time", "grpc_server_keepalive_timeout",
            "grpc_server_max_connection_age", "grpc_server_max_connection_age_grace", "grpc_server_max_connection_idle",
            "grpc_server_min_time_between_pings", "grpc_server_ping_without_stream_allowed", "grpc_listen_conn_limit",
        ] { section.ignore(key, because: "queries over gRPC are answered on the address of the HTTP API") }
        for key in [
            "log_level", "log_format", "http_server_read_timeout", "http_server_write_timeout",
            "http_server_idle_timeout",
            "graceful_shutdown_timeout", "http_listen_conn_limit", "register_instrumentation", "log_source_ips_enabled",
            "log_request_headers", "http_path_prefix", "http_listen_network", "grpc_listen_network",
            "report_http_4xx_codes_in_instrumentation_label",
            "metrics_namespace", "proxy_protocol_enabled", "cluster_validation",
        ] { section.ignore(key, because: "flags of the process rule this; see --help") }
        for key in ["http_tls_config", "grpc_tls_config", "tls_cipher_suites", "tls_min_version"] {
            try section.unsupported(key, because: "TLS is configured with --web.config.file")
        }
    }

    private mutating func distributor(_ section: inout ConfigMapping) throws {
        try section.mapping("receivers") { receivers in
            try receivers.mapping("otlp") { otlp in
                try otlp.mapping("protocols") { protocols in
                    otlpGRPC = try SpanReceivers.endpoint("grpc", port: 4317, &protocols)
                    otlpHTTP = try SpanReceivers.endpoint("http", port: 4318, &protocols)
                }
            }
            try self.receivers.decode(&receivers)
            for key in ["kafka", "opencensus"] {
                try receivers.unsupported(key, because: "spans are received as OTLP, Zipkin's and Jaeger's only")
            }
        }
        if let bytes = try section.int("max_attribute_bytes") {
            store.attributes = AttributeLimits(bytes: max(0, bytes))
        }
        for key in [
            "ring", "override_ring_key", "log_received_spans", "log_discarded_spans", "metric_received_spans",
            "forwarders", "usage",
            "extend_writes", "retry_after_on_resource_exhausted", "kafka_config", "max_span_attr_byte",
            "artificial_delay",
            "kafka_write_path_enabled", "push_spans_to_kafka", "ingester_write_path_enabled", "span_logs",
            "log_received_traces",
        ] { section.ignore(key, because: "one process does everything here") }
    }

    private mutating func storage(_ section: inout ConfigMapping) throws {
        try section.mapping("trace") { trace in
            if let backend = trace.value("backend"), try backend.string() != "local" {
                throw backend.error(
                    "storage.trace.backend must be \"local\": a bucket is given with --objstore.config-file")
            }
            try trace.mapping("local") { storagePath = try $0.string("path") }
            for key in [
                "wal", "block", "search", "cache", "cache_min_compaction_level", "cache_max_block_age",
                "blocklist_poll",
                "blocklist_poll_concurrency", "blocklist_poll_fallback", "blocklist_poll_tenant_index_builders",
                "blocklist_poll_stale_tenant_index", "blocklist_poll_jitter_ms",
                "blocklist_poll_tolerate_consecutive_errors",
                "blocklist_poll_tolerate_tenant_failures", "blocklist_poll_tenant_concurrency",
                "empty_tenant_deletion_enabled",
                "empty_tenant_deletion_age", "pool", "memcached", "redis", "background_cache", "s3", "gcs", "azure",
            ] { trace.ignore(key, because: "spans are kept in a format of their own") }
        }
    }

    /// Of all that compacts only how long blocks are kept; what no key of Tempo is does no harm here.
    private mutating func compactor(_ section: inout ConfigMapping) throws {
        try section.mapping("compaction") { compaction in
            if let node = compaction.value("block_retention") {
                let milliseconds = try node.duration()
                retentionSeconds = Int(milliseconds / 1000 + (milliseconds % 1000 == 0 ? 0 : 1))
            }
            for (_, value) in compaction.rest() {
                value.warn("\(value.path) has no effect: parts are merged by the server itself")
            }
        }
        for (_, value) in section.rest() {
            value.warn("\(value.path) has no effect: one process does everything here")
        }
    }

    private mutating func queryFrontend(_ section: inout ConfigMapping) throws {
        try section.mapping("search") { search in
            query.defaultTraces = try search.int("default_result_limit") ?? query.defaultTraces
            query.maximumTraces = try search.int("max_result_limit") ?? query.maximumTraces
            query.maximumSpans = try search.int("max_spans_per_span_set") ?? query.maximumSpans
            query.defaultSpans = try search.int("default_spans_per_span_set") ?? query.defaultSpans
            if let milliseconds = try search.duration("max_duration") { query.searchSeconds = Int(milliseconds / 1000) }
            for key in [
                "concurrent_jobs", "target_bytes_per_job", "query_backend_after", "query_ingesters_until",
                "ingester_shards",
                "most_recent_shards", "duration_slo", "throughput_bytes_slo", "metadata_slo",
            ] { search.ignore(key, because: "queries are exact and run in this process") }
        }
        try section.mapping("metrics") { metrics in
            if let milliseconds = try metrics.duration("max_duration") {
                query.metricsSeconds = Int(milliseconds / 1000)
            }
            if let series = try metrics.int("max_response_series") { query.metricsSeries = max(0, series) }
            if let exemplars = try metrics.int("max_exemplars") { query.exemplars = max(0, exemplars) }
            for key in [
                "concurrent_jobs", "target_bytes_per_job", "query_backend_after", "interval", "duration_slo",
                "exemplars",
                "throughput_bytes_slo", "max_intervals", "streaming_shards",
            ] { metrics.ignore(key, because: "queries are exact and run in this process") }
        }
        if let bytes = try section.int("max_query_expression_size_bytes") { query.queryBytes = bytes }
        for key in [
            "max_outstanding_per_tenant", "max_batch_size", "max_retries", "trace_by_id", "api_timeout",
            "response_consumers",
            "weights", "mcp_server", "log_query_request_headers", "rf1_after", "multi_tenant_queries_enabled",
            "url_deny_list",
            "querier_forget_delay", "tolerate_failed_blocks", "query_end_cutoff", "allowed_headers",
        ] { section.ignore(key, because: "queries run in this process") }
    }

    // MARK: Limits

    private mutating func overrides(_ section: inout ConfigMapping, _ generator: inout GeneratorKeys) throws {
        try section.mapping("defaults") { defaults in
            try defaults.mapping("ingestion") { try ingestion(&$0) }
            try defaults.mapping("global") { global in
                if let bytes = try global.int("max_bytes_per_trace") { store.traceBytes = max(0, bytes) }
            }
            try defaults.mapping("read") { read in
                if let bytes = try read.int("max_bytes_per_tag_values_query") { query.tagValuesBytes = bytes }
                if let milliseconds = try read.duration("max_search_duration") {
                    query.searchSeconds = Int(milliseconds / 1000)
                }
                if let milliseconds = try read.duration("max_metrics_duration") {
                    query.metricsSeconds = Int(milliseconds / 1000)
                }
                for key in [
                    "max_blocks_per_tag_values_query", "unsafe_query_hints", "max_condition_groups_per_tag_query",
                    "leftpad_trace_ids", "metrics_spanonly_fetch",
                ] { read.ignore(key, because: "queries are exact") }
            }
            try defaults.mapping("metrics_generator") { try generator.readOverrides(&$0) }
            for key in ["forwarders", "storage", "cost_attribution", "compaction"] {
                defaults.ignore(key, because: "it is not served here yet")
            }
        }
        try generator.readFlatOverrides(&section)
        // The spelling before Tempo 2.3.
        if let bytes = try section.int("max_bytes_per_trace") {
            store.traceBytes = max(0, bytes)
            store.traceBytesKey = "overrides.max_bytes_per_trace"
        }
        try rate(&section, limit: "ingestion_rate_limit_bytes", burst: "ingestion_burst_size_bytes", "overrides.")
        for key in [
            "ingestion_rate_strategy", "max_traces_per_user", "max_global_traces_per_user", "block_retention",
            "max_bytes_per_tag_values_query", "max_search_duration", "per_tenant_override_period",
            "user_configurable_overrides",
            "enable_legacy_overrides",
        ] { section.ignore(key, because: "it is not served here yet") }
        try section.unsupported("per_tenant_override_config", because: "all tenants share the defaults")
    }

    private mutating func ingestion(_ section: inout ConfigMapping) throws {
        try rate(&section, limit: "rate_limit_bytes", burst: "burst_size_bytes", "overrides.defaults.ingestion.")
        if let bytes = try section.int("max_attribute_bytes") {
            store.attributes = AttributeLimits(bytes: max(0, bytes))
        }
        for key in [
            "rate_strategy", "max_traces_per_user", "max_global_traces_per_user", "tenant_shard_size",
            "artificial_delay",
            "retry_info_enabled",
        ] { section.ignore(key, because: "one process does everything here; memory is bounded by --memory.limit") }
    }

    private mutating func rate(
        _ section: inout ConfigMapping, limit: String, burst: String, _ prefix: String
    ) throws {
        let bytes = try section.int(limit)
        let burstBytes = try section.int(burst)
        guard let bytes, bytes > 0 else { return }
        rate = IngestRate(bytesPerSecond: bytes, burstBytes: burstBytes ?? bytes, key: prefix + limit)
    }
}
