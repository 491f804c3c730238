import MartletCore
import Service

extension PromtailConfig {
    private static let serverKeys = [
        "http_listen_address", "http_listen_port", "http_listen_network", "http_listen_conn_limit", "http_tls_config",
        "grpc_listen_address", "grpc_listen_port", "grpc_listen_network", "grpc_listen_conn_limit", "grpc_tls_config",
        "register_instrumentation", "graceful_shutdown_timeout", "http_server_read_timeout",
        "http_server_write_timeout", "http_server_idle_timeout", "http_server_read_header_timeout",
        "grpc_server_max_recv_msg_size", "grpc_server_max_send_msg_size", "grpc_server_max_concurrent_streams",
        "grpc_server_max_connection_idle", "grpc_server_max_connection_age", "grpc_server_max_connection_age_grace",
        "grpc_server_keepalive_time", "grpc_server_keepalive_timeout",
        "grpc_server_min_time_between_pings", "grpc_server_ping_without_stream_allowed", "log_format", "log_level",
        "log_source_ips_enabled", "log_source_ips_header", "log_source_ips_regex", "log_request_headers",
        "log_request_at_info_level_enabled", "log_request_exclude_headers_list", "http_path_prefix",
        "profiling_enabled",
        "external_url", "health_check_target", "disable", "enable_runtime_reload", "reload",
    ]

    private static let otherTargets = [
        "syslog": "syslog targets are not read by this version", "gcplog": "", "push": "", "loki_push_api": "",
        "windows_events": "", "kafka": "", "azure_event_hubs": "", "gelf": "", "cloudflare": "", "heroku_drain": "",
        "file_sd_configs": "", "dns_sd_configs": "", "consul_sd_configs": "", "consulagent_sd_configs": "",
        "docker_sd_configs": "", "kubernetes_sd_configs": "", "ec2_sd_configs": "", "gce_sd_configs": "",
        "azure_sd_configs": "", "openstack_sd_configs": "", "marathon_sd_configs": "", "nerve_sd_configs": "",
        "serverset_sd_configs": "", "triton_sd_configs": "", "digitalocean_sd_configs": "",
        "dockerswarm_sd_configs": "",
    ]

    mutating func decode(_ top: inout ConfigMapping) throws {
        if let server = top.value("server") {
            try server.mapping { mapping in
                for key in Self.serverKeys {
                    mapping.ignore(key, because: "flags such as --web.listen-address and --log.level set it")
                }
            }
        }
        if let node = top.value("client") { clients.append(try node.mapping { try LogClient(&$0) }) }
        clients += try top.mappings("clients") { try LogClient(&$0) }
        for index in clients.indices where clients[index].name.isEmpty { clients[index].name = "\(index)" }
        try top.mapping("positions") { positions in
            positionsFile = try positions.string("filename")
            positions.ignore("sync_period", because: "a position is saved as soon as its lines are safe on the disk")
            positions.ignore(
                "ignore_invalid_yaml", because: "positions are kept in a format of their own, with a checksum")
        }
        try top.mapping("limits_config") { limits in
            for key in [
                "readline_rate_enabled", "readline_rate", "readline_burst", "readline_rate_drop", "max_streams",
            ] {
                limits.ignore(key, because: "lines wait on disk and in their files, so no rate is needed")
            }
            if let bytes = try limits.byteSize("max_line_size"), bytes > 0 { tail.lineLimit = bytes }
            if let node = limits.value("max_line_size_truncate"), try !node.bool(),
                tail.lineLimit != TailOptions().lineLimit
            {
                node.warn("\(node.path) has no effect: a longer line is cut, never dropped")
            }
        }
        try top.mapping("target_config") { target in
            if let period = try target.duration("sync_period"), period > 0 { tail.expandMilliseconds = period }
            target.ignore("stdin", because: "standard input is not read")
        }
        try top.mapping("global") { global in
            try global.mapping("file_watch_config") { watch in
                pollMilliseconds = try watch.duration("min_poll_frequency") ?? pollMilliseconds
                watch.ignore("max_poll_frequency", because: "the pace of looking at files does not vary")
            }
        }
        top.ignore("tracing", because: "the flag --tracing.endpoint sets where this server's traces go")
        top.ignore("options", because: "lags are in this server's metrics")
        try top.mapping("wal") { wal in
            for key in ["enabled", "dir", "max_segment_age", "watch_config", "cleaner"] {
                wal.ignore(key, because: "every line goes through a queue on disk")
            }
        }
        for node in try top.list("scrape_configs") {
            jobs.append(try node.mapping { try decodeJob(&$0) })
        }
        var names: Set<String> = []
        for job in jobs where !names.insert(job.name).inserted {
            throw top.node.error("scrape_configs: job_name \"\(job.name)\" is not unique")
        }
    }

    private func decodeJob(_ mapping: inout ConfigMapping) throws -> LogJob {
        let name = try mapping.string("job_name") ?? ""
        for key in Self.otherTargets.keys.sorted() {
            try mapping.unsupported(key, because: "this version reads files and the journal")
        }
        mapping.ignore("entry_parser", because: "Promtail itself has replaced it by pipeline_stages")
        try mapping.mapping("decompression") { decompression in
            if try decompression.bool("enabled") ?? false {
                throw decompression.node.error(
                    "decompression is not supported: compressed files would be sent as they are")
            }
            decompression.ignore("initial_delay", because: "decompression is off")
            decompression.ignore("format", because: "decompression is off")
        }
        if let node = mapping.value("encoding") {
            guard try ["utf-8", "utf8", ""].contains(node.string().lowercased()) else {
                throw node.error("encoding: only UTF-8 is read; other encodings would be stored as they are")
            }
        }
        let relabel = try mapping.list("relabel_configs").map { try RelabelRule($0) }
        let stages = try mapping.value("pipeline_stages").map { try StageConfig.pipeline($0) } ?? Pipeline([])
        let journal = try mapping.mapping("journal") { try Self.journal(&$0) }
        var files: [LogJob.FileTarget] = []
        for node in try mapping.list("static_configs") {
            if let target = try node.mapping({ try Self.fileTarget(&$0, relabel) }) { files.append(target) }
        }
        return LogJob(name: name, files: files, journal: journal, relabel: relabel, pipeline: stages)
    }

    /// Nil when relabelling drops the target.
    private static func fileTarget(
        _ mapping: inout ConfigMapping, _ relabel: [RelabelRule]
    ) throws -> LogJob.FileTarget? {
        mapping.ignore("targets", because: "files are read on this machine only")
        var builder = LabelsBuilder()
        for pair in try mapping.stringPairs("labels") { builder.set(pair.key, pair.value) }
        guard let labels = RelabelRule.apply(relabel, to: builder.build()) else { return nil }
        guard let path = labels["__path__"] else {
            throw mapping.node.error("the label __path__ is missing: it names the files to read")
        }
        func pattern(_ text: String) throws -> GlobPattern {
            do {
                return try GlobPattern(text)
            } catch {
                throw mapping.node.error("\(error)")
            }
        }
        return LogJob.FileTarget(
            labels: labels, include: [try pattern(path)],
            exclude: try labels["__path_exclude__"].map { [try pattern($0)] } ?? [])
    }

    private static func journal(_ mapping: inout ConfigMapping) throws -> LogJob.JournalTarget {
        var target = LogJob.JournalTarget()
        target.asJSON = try mapping.bool("json") ?? false
        target.maxAge = try mapping.duration("max_age") ?? target.maxAge
        target.path = try mapping.string("path")
        // Promtail joins several pairs with blanks.
        target.matches = (try mapping.string("matches") ?? "").split(separator: " ").map(String.init)
        target.labels = Labels(try mapping.stringPairs("labels").map { ($0.key, $0.value) })
        return target
    }
}
