import ArgumentParser
import Collection
import Service

/// Collects a host's metrics, logs and telemetry: Promtail, node_exporter and an OTLP collector in one process.
@main
struct AgentCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet-agent", abstract: "Collects this host's metrics and logs, and forwards OTLP.",
        version: BuildVersion.number)

    @OptionGroup var common: CommonOptions

    @Option(
        name: .customLong("agent.config.file"),
        help: "The agent's own settings; --config.file is a promtail config.yml.")
    var agentFile: String?

    @Option(name: .customLong("metrics.url"), help: "Base URL of the metrics server. (default: http://127.0.0.1:9090)")
    var metricsURL: String?

    @Option(name: .customLong("logs.url"), help: "Base URL of the log server. (default: http://127.0.0.1:3100)")
    var logsURL: String?

    @Option(
        name: .customLong("traces.url"),
        help: "Base URL of the trace server's OTLP/HTTP. (default: http://127.0.0.1:14318)")
    var tracesURL: String?

    @Option(
        name: .customLong("otlp.grpc-listen-address"),
        help: "Where OTLP over gRPC is received. (default: 127.0.0.1:4317)")
    var otlpGRPC: ListenAddress?

    @Option(
        name: .customLong("otlp.http-listen-address"),
        help: "Where OTLP over HTTP is received. (default: 127.0.0.1:4318)")
    var otlpHTTP: ListenAddress?

    @Option(
        name: .customLong("exporter.listen-address"),
        help: "Where Prometheus scrapes the host. (default: 127.0.0.1:8889)")
    var exporter: ListenAddress?

    @Option(name: .customLong("path.procfs"), help: "Mount point of procfs.")
    var procfs = "/proc"

    @Option(name: .customLong("path.sysfs"), help: "Mount point of sysfs.")
    var sysfs = "/sys"

    @Option(name: .customLong("path.rootfs"), help: "Mount point of the host's root.")
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
        options.exporter = exporter
        let resolved = options
        await Daemon.run(name: "martlet-agent", defaultPort: 9080, options: common) { daemon in
            try await AgentServer.build(&daemon, resolved)
        }
    }
}
