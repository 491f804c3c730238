import Alerting
import ArgumentParser
import Service

/// Groups alerts and tells people of them: Alertmanager's configuration, API and webhooks.
@main
struct AlertsCommand: DaemonCommand {
    static let server: ServerIdentity? = AlertsServer.identity
    static let configuration = AlertsServer.identity.command

    @OptionGroup var common: CommonOptions

    @Option(
        name: .customLong("web.external-url"),
        help: ArgumentHelp(
            "URL under which people reach this server; part of notifications.", value: .url,
            default: "http://HOSTNAME:PORT"))
    var externalURL: String?

    @Option(
        name: .customLong("data.retention"),
        help: ArgumentHelp("How long expired silences and sent notifications are remembered.", value: .duration))
    var retention = FlagDuration(milliseconds: 432_000_000)

    func run() async throws {
        var options = AlertsServer.Options()
        options.externalURL = externalURL
        options.retention = retention.milliseconds * 1_000_000
        await Daemon.run(AlertsServer.identity, options: common) { daemon in
            try await AlertsServer.build(&daemon, options)
        }
    }
}
