import ArgumentParser
import Dashboards
import Service

/// The dashboard server: Grafana's dashboards, and pages to explore metrics, logs and traces.
@main
struct DashboardsCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet-dashboards", abstract: "Draws dashboards and explores metrics, logs and traces.",
        version: BuildVersion.number)

    @OptionGroup var common: CommonOptions

    @Option(
        name: .customLong("dashboards.path"),
        help: "Directory of Grafana dashboard files (*.json), read with its subdirectories; may be given several times."
    )
    var boardPaths: [String] = []

    @Flag(name: .customLong("dashboards.no-bundled"), help: "Leave out the dashboards that come with Martlet.")
    var withoutBundled = false

    @Option(
        name: .customLong("provisioning.path"),
        help: "Directory with Grafana's provisioning files: dashboards/*.yaml and datasources/*.yaml.")
    var provisioningPath: String?

    @Option(
        name: .customLong("datasource.metrics"),
        help: ArgumentHelp("Server that speaks Prometheus' HTTP API.", valueName: "url"))
    var metricsURL = "http://127.0.0.1:9090"

    @Option(
        name: .customLong("datasource.logs"),
        help: ArgumentHelp("Server that speaks Loki's HTTP API.", valueName: "url"))
    var logsURL = "http://127.0.0.1:3100"

    @Option(
        name: .customLong("datasource.traces"),
        help: ArgumentHelp("Server that speaks Tempo's HTTP API.", valueName: "url"))
    var tracesURL = "http://127.0.0.1:3200"

    @Option(
        name: .customLong("web.root"),
        help: "Directory of the web interface; found beside the executable or in /usr/share/martlet/web.")
    var webRoot: String?

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
        settings.webRoot = webRoot
        settings.resetAdministrator = resetAdministrator
        await Daemon.run(
            name: "martlet-dashboards", defaultPort: 3000, options: common, authenticatesItself: true
        ) { [settings] daemon in
            if common.configFile != nil {
                throw UsageError("--config.file: this server is configured by flags and --provisioning.path")
            }
            try await DashboardServer.build(&daemon, settings: settings)
        }
    }
}
