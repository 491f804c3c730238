import MartletCore

/// What the executable's flags say.
package struct DashboardSettings: Sendable {
    /// Directories of dashboard files, besides the bundled ones.
    package var boardPaths: [String] = []
    /// False leaves out the boards that come with Martlet.
    package var bundledBoards = true
    /// Directory with Grafana's `dashboards/*.yaml` and `datasources/*.yaml`; nil for none.
    package var provisioningPath: String?
    /// Where the metric, log, trace and alert servers are, for sources that no file names.
    package var metricsURL = "http://127.0.0.1:9090"
    package var logsURL = "http://127.0.0.1:3100"
    package var tracesURL = "http://127.0.0.1:3200"
    package var alertsURL = "http://127.0.0.1:9093"
    /// The web interface's directory; nil to find it beside the executable.
    package var webRoot: String?
    /// File with the providers by which people sign in; nil for passwords alone.
    package var authConfigFile: String?
    /// Under which browsers reach this server; nil when that is not known.
    package var externalURL: String?
    /// Gives the administrator a new generated password at start.
    package var resetAdministrator = false

    package init() {}

    /// The sources that exist without a provisioning file.
    package var ownSources: [DataSource] {
        [
            DataSource(
                uid: "metrics", name: "Metrics", kind: .prometheus, url: metricsURL, isDefault: true,
                jsonData: ["timeInterval": "15s"]),
            DataSource(uid: "logs", name: "Logs", kind: .loki, url: logsURL),
            DataSource(uid: "traces", name: "Traces", kind: .tempo, url: tracesURL),
            DataSource(uid: "alerts", name: "Alerts", kind: .alertmanager, url: alertsURL),
        ]
    }
}
