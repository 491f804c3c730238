import Alerting
import ArgumentParser
import MartletCore
import Service

/// Groups alerts and tells people of them: Alertmanager's configuration, API and webhooks.
@main
struct AlertsCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet-alerts", abstract: "Groups alerts, silences them, and tells webhooks of them.",
        version: BuildVersion.number)

    @OptionGroup var common: CommonOptions

    @Option(
        name: .customLong("web.external-url"), help: "URL under which people reach this server; part of notifications.")
    var externalURL: String?

    @Option(
        name: .customLong("data.retention"), help: "How long expired silences and sent notifications are remembered.")
    var retention = "120h"

    func run() async throws {
        var options = AlertsServer.Options()
        options.externalURL = externalURL
        do {
            options.retention = try PrometheusDuration.parse(retention) * 1_000_000
        } catch {
            throw UsageError("--data.retention: \(error)")
        }
        await Daemon.run(name: "martlet-alerts", defaultPort: 9093, options: common) { daemon in
            try await AlertsServer.build(&daemon, options)
        }
    }
}
