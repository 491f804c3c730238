import Durable
package import MartletCore
package import OTLPReceiver
package import Service

/// The agent's own configuration: everything that Promtail's does not speak of.
package struct AgentConfig: Sendable {
    /// Where one signal is forwarded to.
    package struct Destination: Sendable {
        /// The server's base URL; the signal's path is added.
        package var url: String
        /// Sent as X-Scope-OrgID when the data came without one.
        package var tenant: String?
        /// Basic authentication.
        package var basicAuth: (user: String, password: Secret)?
        /// A bearer token.
        package var bearerToken: Secret?
        /// Authorities and certificates; nil for the system's authorities.
        package var tls: HTTPClientSettings.TLS?

        /// A server that asks for nothing.
        package init(url: String) { self.url = url }
    }

    /// Whether the host's metrics are collected.
    package var hostMetrics = true
    /// Collectors that are left out.
    package var disabledCollectors: Set<String> = []
    /// `device-exclude` of the disk collector; nil keeps the default.
    package var diskExclude: String?
    /// `device-exclude` of the network collectors.
    package var networkExclude: String?
    /// `mount-points-exclude` of the file system collector; nil keeps the default.
    package var mountPointsExclude: String?
    /// `fs-types-exclude` of the file system collector; nil keeps the default.
    package var fileSystemTypesExclude: String?
    /// Where OTLP over gRPC is received; nil receives none.
    package var otlpGRPC: ListenAddress? = ListenAddress(host: "127.0.0.1", port: 4317)
    /// Where OTLP over HTTP is received; nil receives none.
    package var otlpHTTP: ListenAddress? = ListenAddress(host: "127.0.0.1", port: 4318)
    /// Where Zipkin's and Jaeger's spans are received; nowhere unless told.
    package var receivers = SpanReceivers()
    /// Where the Prometheus exporter listens; nil opens none.
    package var exporter: ListenAddress? = ListenAddress(host: "127.0.0.1", port: 8889)
    /// Where traces go.
    package var traces = Destination(url: "http://127.0.0.1:14318")
    /// Where OTLP logs, and lines of files and the journal without a client of their own, go.
    package var logs = Destination(url: "http://127.0.0.1:3100")
    /// Where OTLP metrics go.
    package var metrics = Destination(url: "http://127.0.0.1:9090")
    /// Bytes that may wait on disk for each destination.
    package var queueBytes = 512 << 20
    /// One line per key that has no effect.
    package var warnings: [String] = []

    /// The defaults above.
    package init() {}

    /// Reads a file; every mistake is a `ConfigError` with its place.
    package init(path: String) throws { try self.init(ConfigDocument(path: path)) }

    /// Decodes a document.
    package init(_ document: ConfigDocument) throws {
        try document.root.mapping { (top: inout ConfigMapping) throws in
            try top.mapping("host_metrics") { try decodeHost(&$0) }
            try top.mapping("otlp") { otlp in
                otlpGRPC = try Self.address(&otlp, "grpc_listen_address", otlpGRPC)
                otlpHTTP = try Self.address(&otlp, "http_listen_address", otlpHTTP)
            }
            try receivers.decode(&top)
            try top.mapping("exporter") { exporter in
                self.exporter = try Self.address(&exporter, "listen_address", self.exporter)
            }
            try top.mapping("forward") { forward in
                try forward.mapping("traces") { try Self.decode(&$0, &traces, beside: document.file) }
                try forward.mapping("logs") { try Self.decode(&$0, &logs, beside: document.file) }
                try forward.mapping("metrics") { try Self.decode(&$0, &metrics, beside: document.file) }
            }
            try top.mapping("queue") { queue in
                if let node = queue.value("max_bytes") {
                    queueBytes = try node.byteSize()
                    guard queueBytes >= 1 << 20 else { throw node.error("\(node.path) must be at least 1MiB") }
                }
            }
        }
        warnings = document.warnings
    }

    private mutating func decodeHost(_ host: inout ConfigMapping) throws {
        hostMetrics = try host.bool("enabled") ?? hostMetrics
        let known = Set(HostRegistry.standard().map(\.name))
        for node in try host.list("disable_collectors") {
            let name = try node.string()
            guard known.contains(name) else {
                throw node.error(
                    "\(node.path): there is no collector \"\(name)\"; known are \(known.sorted().joined(separator: ", "))"
                )
            }
            disabledCollectors.insert(name)
        }
        for (key, path) in [
            ("disk_device_exclude", \AgentConfig.diskExclude), ("network_device_exclude", \.networkExclude),
            ("mount_points_exclude", \.mountPointsExclude), ("fs_types_exclude", \.fileSystemTypesExclude),
        ] {
            guard let node = host.value(key) else { continue }
            self[keyPath: path] = try node.parse { text in
                _ = try DeviceFilter(exclude: text)
                return text
            }
        }
    }

    /// The address at `key`; `off` opens none.
    private static func address(
        _ mapping: inout ConfigMapping, _ key: String, _ standard: ListenAddress?
    ) throws(ConfigError) -> ListenAddress? {
        guard let node = mapping.value(key) else { return standard }
        let text = try node.string()
        if text == "off" || text == "false" { return nil }
        guard let address = ListenAddress(text) else { throw node.error("\(node.path) must be HOST:PORT or off") }
        return address
    }

    /// Relative names of files are of those beside the document.
    private static func decode(
        _ mapping: inout ConfigMapping, _ destination: inout Destination, beside document: String
    ) throws {
        if let node = mapping.value("url") {
            let url = try node.string()
            guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
                throw node.error("\(node.path) must begin with http:// or https://")
            }
            destination.url = url
        }
        destination.tenant = try mapping.string("tenant_id")
        destination.bearerToken = try mapping.secret("bearer_token")
        if let node = mapping.value("bearer_token_file") {
            guard destination.bearerToken == nil else {
                throw node.error("at most one of bearer_token and bearer_token_file must be configured")
            }
            destination.bearerToken = try LogClient.firstLine(node, beside: document)
        }
        destination.tls = try mapping.mapping("tls_config") { try HTTPClientSettings.TLS(&$0) }
        destination.tls?.resolveFiles(in: FilePath.parent(of: document))
        destination.basicAuth = try mapping.mapping("basic_auth") { basic in
            (try basic.string("username") ?? "", try basic.secret("password") ?? Secret(""))
        }
    }

    /// The collectors that the configuration leaves.
    package func collectors() throws(RegexError) -> [any HostCollector] {
        var collectors = HostRegistry.standard().filter { !disabledCollectors.contains($0.name) }
        for index in collectors.indices {
            switch collectors[index].name {
            case "diskstats":
                if let diskExclude {
                    collectors[index] = DiskstatsCollector(filter: try DeviceFilter(exclude: diskExclude))
                }
            case "netdev":
                if let networkExclude {
                    collectors[index] = NetdevCollector(filter: try DeviceFilter(exclude: networkExclude))
                }
            case "netclass":
                if let networkExclude {
                    collectors[index] = NetclassCollector(filter: try DeviceFilter(exclude: networkExclude))
                }
            case "filesystem":
                let mounts = try mountPointsExclude.map { text throws(RegexError) in try DeviceFilter(exclude: text) }
                let types = try fileSystemTypesExclude.map { text throws(RegexError) in try DeviceFilter(exclude: text)
                }
                collectors[index] = FilesystemCollector(
                    mountPoints: mounts ?? .mountPointDefault, types: types ?? .fileSystemTypeDefault)
            default: break
            }
        }
        return collectors
    }
}
