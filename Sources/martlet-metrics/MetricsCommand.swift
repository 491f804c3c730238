import ArgumentParser
import MetricServer
import Service

/// `martlet-metrics`: stores metrics, scrapes targets and answers PromQL, in Prometheus' place.
@main
struct MetricsCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet-metrics",
        abstract: "Scrapes, stores and queries metrics: prometheus.yml, remote write and OTLP in, PromQL out.",
        version: BuildVersion.number)

    @OptionGroup var common: CommonOptions
    @OptionGroup var flags: MetricFlags

    func run() async throws {
        await Daemon.run(name: "martlet-metrics", defaultPort: 9090, options: common) { daemon in
            try await MetricServer.build(&daemon, flags: flags)
        }
    }
}
