import ArgumentParser
import MetricServer
import Service

/// `martlet-metrics`: stores metrics, scrapes targets and answers PromQL, in Prometheus' place.
@main
struct MetricsCommand: DaemonCommand {
    static let server: ServerIdentity? = MetricServer.identity
    static let configuration = MetricServer.identity.command

    @OptionGroup var common: CommonOptions
    @OptionGroup var flags: MetricFlags

    func run() async throws {
        await Daemon.run(MetricServer.identity, options: common) { daemon in
            try await MetricServer.build(&daemon, flags: flags)
        }
    }
}
