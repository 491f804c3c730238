import ArgumentParser
import Dashboards
import Service

/// The dashboard server: Grafana's dashboards, and pages to explore metrics, logs and traces.
@main
struct DashboardsCommand: DaemonCommand {
    static let server: ServerIdentity? = DashboardServer.identity
    static let configuration = DashboardServer.identity.command

    @OptionGroup var common: CommonOptions

    @Option(
        name: .customLong("dashboards.path"),
        help: ArgumentHelp(
            "Directory of Grafana dashboard files (*.json), read with its subdirectories; may be given several times.",
            value: .directory))
    var boardPaths: [String] = []

    @Flag(name: .customLong("dashboards.no-bundled"), help: "Leave out the dashboards that come with Martlet.")
    var withoutBundled = false

    @Option(
        name: .customLong("provisioning.path"),
        help: ArgumentHelp(
            "Directory with Grafana's provisioning files: dashboards/*.yaml and datasources/*.yaml.", value: .directory)
    )
    var provisioningPath: String?

    @Option(
        name: .customLong("datasource.metrics"),
        help: ArgumentHelp("Server that speaks Prometheus' HTTP API.", value: .url))
    var metricsURL = "http://127.0.0.1:9090"

    @Option(
        name: .customLong("datasource.logs"), help: ArgumentHelp("Server that speaks Loki's HTTP API.", value: .url))
    var logsURL = "http://127.0.0.1:3100"

    @Option(
        name: .customLong("datasource.traces"), help: ArgumentHelp("Server that speaks Tempo's HTTP API.", value: .url))
    var tracesURL = "http://127.0.0.1:3200"

    @Option(
        name: .customLong("datasource.alerts"),
        help: ArgumentHelp("Server that speaks Alertmanager's HTTP API.", value: .url))
    var alertsURL = "http://127.0.0.1:9093"

    @Option(
        name: .customLong("web.root"),
        help: ArgumentHelp(
            "Directory of the web interface.", value: .directory,
            default: "beside the executable, else /usr/share/martlet/web"))
    var webRoot: String?

    @Option(
        name: .customLong("auth.config-file"),
        help: ArgumentHelp("Providers by which people sign in: GitHub, OAuth 2, OpenID Connect.", value: .file))
    var authConfigFile: String?

    @Option(
        name: .customLong("web.external-url"),
        help: ArgumentHelp("URL under which browsers reach this server; providers send them back to it.", value: .url))
    var externalURL: String?

    @Flag(
        name: .customLong("admin.reset-password"),
        help: "Give the administrator a new generated password, print it, and end the administrator's sessions.")
    var resetAdministrator = false

    func run() async throws {
        var settings = DashboardSettings()
        settings.boardPaths = boardPaths
        settings.bundledBoards = !withoutBundled
        settings.provisioningPath = provisioningPath
        settings.metricsURL = metricsURL
        settings.logsURL = logsURL
        settings.tracesURL = tracesURL
        settings.alertsURL = alertsURL
        settings.webRoot = webRoot
        settings.authConfigFile = authConfigFile
        settings.externalURL = externalURL
        settings.resetAdministrator = resetAdministrator
        await Daemon.run(DashboardServer.identity, options: common) { [settings] daemon in
            try await DashboardServer.build(&daemon, settings: settings)
        }
    }
}
