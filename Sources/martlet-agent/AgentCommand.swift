import ArgumentParser
import Collection
import Service

/// Collects a host's metrics, logs and telemetry: Promtail, node_exporter and an OTLP collector in one process.
@main
struct AgentCommand: DaemonCommand {
    static let server: ServerIdentity? = AgentServer.identity
    static let configuration = AgentServer.identity.command

    @OptionGroup var common: CommonOptions
    @OptionGroup var otlp: OTLPOptions
    @OptionGroup var receivers: SpanReceiverOptions

    @Option(
        name: .customLong("agent.config.file"),
        help: ArgumentHelp(
            "The agent's own settings, an agent.yml; --config.file says which logs to read.", value: .file))
    var agentFile: String?

    @Option(
        name: .customLong("metrics.url"),
        help: ArgumentHelp("Base URL of the metrics server.", value: .url, default: "http://127.0.0.1:9090"))
    var metricsURL: String?

    @Option(
        name: .customLong("logs.url"),
        help: ArgumentHelp("Base URL of the log server.", value: .url, default: "http://127.0.0.1:3100"))
    var logsURL: String?

    @Option(
        name: .customLong("traces.url"),
        help: ArgumentHelp("Base URL of the trace server's OTLP/HTTP.", value: .url, default: "http://127.0.0.1:14318"))
    var tracesURL: String?

    @Option(
        name: .customLong("otlp.grpc-listen-address"),
        help: ArgumentHelp("Where OTLP over gRPC is received.", value: .address, default: "127.0.0.1:4317"))
    var otlpGRPC: ListenAddress?

    @Option(
        name: .customLong("otlp.http-listen-address"),
        help: ArgumentHelp("Where OTLP over HTTP is received.", value: .address, default: "127.0.0.1:4318"))
    var otlpHTTP: ListenAddress?

    @Option(
        name: .customLong("exporter.listen-address"),
        help: ArgumentHelp("Where Prometheus scrapes the host.", value: .address, default: "127.0.0.1:8889"))
    var exporter: ListenAddress?

    @Option(name: .customLong("path.procfs"), help: ArgumentHelp("Mount point of procfs.", value: .directory))
    var procfs = "/proc"

    @Option(name: .customLong("path.sysfs"), help: ArgumentHelp("Mount point of sysfs.", value: .directory))
    var sysfs = "/sys"

    @Option(name: .customLong("path.rootfs"), help: ArgumentHelp("Mount point of the host's root.", value: .directory))
    var rootfs = "/"

    func run() async throws {
        var options = AgentOptions()
        options.agentFile = agentFile
        options.paths = HostPaths(procfs: procfs, sysfs: sysfs, rootfs: rootfs)
        options.metricsURL = metricsURL
        options.logsURL = logsURL
        options.tracesURL = tracesURL
        options.otlpGRPC = otlpGRPC
        options.otlpHTTP = otlpHTTP
        options.receivers = receivers
        options.otlpRequestBytes = otlp.requestBytes
        options.exporter = exporter
        let resolved = options
        await Daemon.run(AgentServer.identity, options: common) { daemon in
            try await AgentServer.build(&daemon, resolved)
        }
    }
}
