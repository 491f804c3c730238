import Delivery
import Durable
import HTTPTypes
import Hummingbird
import Logging
import MartletCore
import NIOCore
import OTLPReceiver
package import Service
import Wire

/// Everything that `martlet-agent` runs, wired to a daemon.
package enum AgentServer {
    /// What the server is before anybody configures it.
    package static let identity = ServerIdentity(
        name: "martlet-agent", about: "Collects this host's metrics and logs, and forwards OTLP.", port: 9080,
        storagePath: "data-agent", configFile: .named("a promtail config.yml"))

    /// Opens queues and positions, adds listeners and services.
    package static func build(_ daemon: inout Daemon, _ options: AgentOptions) async throws {
        let agent = try configuration(options, daemon)
        AgentMetrics.describe(.shared)
        let directory = daemon.storagePath()
        let lock = try await daemon.blocking.run {
            try DiskFileSystem().makeDirectories(directory)
            return try DirectoryLock(directory)
        }
        daemon.onShutdown { lock.release() }
        try await addHostMetrics(&daemon, agent, options.paths)
        var queues = AgentQueues(directory: directory, options: queueOptions(daemon, agent))
        try await addOTLP(&daemon, agent, options, &queues)
        try await addLogs(&daemon, agent, &queues, directory)
    }

    private static func configuration(_ options: AgentOptions, _ daemon: Daemon) throws -> AgentConfig {
        var config = try options.agentFile.map { try AgentConfig(path: $0) } ?? AgentConfig()
        for warning in config.warnings { daemon.logger.warning("\(warning)") }
        if let url = options.metricsURL { config.metrics.url = url }
        if let url = options.logsURL { config.logs.url = url }
        if let url = options.tracesURL { config.traces.url = url }
        for (url, flag) in [
            (config.metrics.url, "--metrics.url"), (config.logs.url, "--logs.url"),
            (config.traces.url, "--traces.url"),
        ] where !url.hasPrefix("http://") && !url.hasPrefix("https://") {
            throw UsageError("\(flag) must begin with http:// or https://, not \"\(url)\"")
        }
        if let address = options.otlpGRPC { config.otlpGRPC = address }
        if let address = options.otlpHTTP { config.otlpHTTP = address }
        config.receivers = config.receivers.overridden(by: options.receivers)
        if let address = options.exporter { config.exporter = address }
        return config
    }

    private static func queueOptions(_ daemon: Daemon, _ agent: AgentConfig) -> DiskQueue.Options {
        DiskQueue.Options(maxBytes: agent.queueBytes, sync: daemon.options.walSync.policy)
    }

    // MARK: Host metrics

    /// The host's metrics join this process' own at `/metrics`, and the exporter's port shows the same.
    private static func addHostMetrics(
        _ daemon: inout Daemon, _ agent: AgentConfig, _ paths: HostPaths
    ) async throws {
        if agent.hostMetrics {
            let registry = HostRegistry(paths: paths, collectors: try agent.collectors(), version: BuildVersion.number)
            let exposition = HostExposition(registry: registry, daemon: daemon)
            MetricRegistry.shared.collect { exposition.add(to: &$0) }
        }
        guard let address = agent.exporter else { return }
        let router = Daemon.makeRouter()
        router.get("/metrics") { request, context in
            let format = ExpositionFormat.negotiate(accept: request.headers[.accept])
            let text = try await context.blocking.run { MetricRegistry.shared.render(format) }
            return Response(
                status: .ok, headers: [.contentType: format.contentType],
                body: .init(byteBuffer: ByteBuffer(bytes: text)))
        }
        try await daemon.addListener(address, flag: "--exporter.listen-address", router: router)
    }

    // MARK: OTLP

    private static func addOTLP(
        _ daemon: inout Daemon, _ agent: AgentConfig, _ options: AgentOptions, _ queues: inout AgentQueues
    ) async throws {
        guard agent.otlpGRPC != nil || agent.otlpHTTP != nil || !agent.receivers.isEmpty else { return }
        let traces = try await queues.open(
            "traces", &daemon, to: otlp(.traces, agent.traces, path: "/v1/traces", &daemon))
        let logs = try await queues.open(
            "otlp-logs", &daemon, to: otlp(.logs, agent.logs, path: "/otlp/v1/logs", &daemon))
        let metrics = try await queues.open(
            "metrics", &daemon, to: otlp(.metrics, agent.metrics, path: "/api/v1/otlp/v1/metrics", &daemon))
        let sink = OTLPForwarder(traces: traces, logs: logs, metrics: metrics, blocking: daemon.blocking)
        let limits = OTLPReceiverLimits(
            requestBytes: options.otlpRequestBytes, requestBytesKey: OTLPOptions.requestBytesKey)
        try await daemon.receiveOTLP(grpc: agent.otlpGRPC, http: agent.otlpHTTP, sink: sink, limits: limits)
        try await daemon.receive(agent.receivers, sink: sink, limits: limits)
    }

    private static func otlp(
        _ signal: OTLP.Signal, _ destination: AgentConfig.Destination, path: String, _ daemon: inout Daemon
    ) throws -> HTTPDestination {
        var headers: [(name: String, value: String)] = []
        if let tenant = destination.tenant { headers.append(("X-Scope-OrgID", tenant)) }
        if let value = authorization(destination.basicAuth, destination.bearerToken) {
            headers.append(("Authorization", value))
        }
        return HTTPDestination(
            url: joined(destination.url, path), format: .otlp(signal), headers: headers,
            userAgent: "martlet-agent/\(BuildVersion.number)", client: try client(destination.tls, &daemon),
            blocking: daemon.blocking)
    }

    // MARK: Logs

    private static func addLogs(
        _ daemon: inout Daemon, _ agent: AgentConfig, _ queues: inout AgentQueues, _ directory: String
    ) async throws {
        var config = try logConfiguration(daemon)
        for warning in config.warnings { daemon.logger.warning("\(warning)") }
        if config.clients.isEmpty {
            var client = LogClient(url: joined(agent.logs.url, LokiPush.path))
            client.tenant = agent.logs.tenant
            client.basicAuth = agent.logs.basicAuth
            client.bearerToken = agent.logs.bearerToken
            client.tls = agent.logs.tls
            config.clients = [client]
        }
        guard config.jobs.contains(where: { !$0.files.isEmpty || $0.journal != nil }) else { return }
        var targets: [QueueOutput.Target] = []
        for (index, client) in config.clients.enumerated() {
            let name = index == 0 ? "logs" : "logs-\(index)"
            let queue = try await queues.open(
                name, &daemon, to: push(client, &daemon),
                policy: client.retryPolicy)
            targets.append(QueueOutput.Target(client: client, queue: queue, limit: agent.queueBytes))
        }
        let output = QueueOutput(targets, logger: daemon.logger)
        let settle: Int64 =
            switch daemon.options.walSync {
            case .always: 0
            case .interval(let milliseconds): Int64(milliseconds) + 100
            }
        try await checkPositions(config, directory, daemon)
        let sources = LogSources(config, directory: directory, settle: settle, output: output, logger: daemon.logger)
        daemon.add(sources)
        guard let path = daemon.options.configFile else { return }
        let blocking = daemon.blocking
        let logger = daemon.logger
        let urls = config.clients.map(\.url)
        daemon.onReload {
            let config = try await blocking.run { try PromtailConfig(path: path) }
            guard config.clients.isEmpty || config.clients.map(\.url) == urls else {
                throw UsageError("\(path): the clients have changed, which needs a restart of the agent")
            }
            for warning in config.warnings { logger.warning("\(warning)") }
            sources.reload(config)
        }
    }

    /// Positions that cannot be used stop the start, not only a reader later.
    private static func checkPositions(_ config: PromtailConfig, _ directory: String, _ daemon: Daemon) async throws {
        guard config.jobs.contains(where: { !$0.files.isEmpty }) else { return }
        let path = config.positionsFile ?? FilePath.join(directory, "positions")
        _ = try await daemon.blocking.run { try PositionStore(path: path) }
    }

    private static func logConfiguration(_ daemon: Daemon) throws -> PromtailConfig {
        if let path = daemon.options.configFile { return try PromtailConfig(path: path) }
        let hasJournal = JournalReader.machineHasJournal()
        if !hasJournal {
            daemon.logger.info("this machine has no journal; reading the text logs below /var/log")
        }
        return try PromtailConfig(
            ConfigDocument(text: PromtailConfig.standard(hasJournal: hasJournal), file: "built-in configuration"))
    }

    private static func push(_ client: LogClient, _ daemon: inout Daemon) throws -> HTTPDestination {
        var headers = client.headers.map { (name: $0.name, value: $0.value.revealed) }
        if let value = authorization(client.basicAuth, client.bearerToken) { headers.append(("Authorization", value)) }
        return HTTPDestination(
            url: client.url, format: .lokiPush, headers: headers, timeout: .milliseconds(client.timeout),
            userAgent: "martlet-agent/\(BuildVersion.number)", client: try self.client(client.tls, &daemon),
            blocking: daemon.blocking)
    }

    // MARK: -

    /// The client that all share, or one with the authorities and certificates of a `tls_config`.
    private static func client(
        _ tls: HTTPClientSettings.TLS?, _ daemon: inout Daemon
    ) throws -> any RequestClient {
        guard let tls else { return daemon.httpClient }
        var settings = HTTPClientSettings()
        settings.tls = tls
        do {
            let client = try ConfiguredClient(settings, connectTimeoutMs: 10_000)
            daemon.onShutdown { await client.shutdown() }
            return client
        } catch {
            throw UsageError("tls_config: \(error)")
        }
    }

    private static func authorization(_ basic: (user: String, password: Secret)?, _ bearer: Secret?) -> String? {
        if let bearer { return "Bearer \(bearer.revealed)" }
        guard let basic else { return nil }
        let pair = Array("\(basic.user):\(basic.password.revealed)".utf8)
        return "Basic " + String(decoding: pair.withUnsafeBytes { Base64.encode($0) }, as: UTF8.self)
    }

    private static func joined(_ base: String, _ path: String) -> String {
        (base.hasSuffix("/") ? String(base.dropLast()) : base) + path
    }
}
