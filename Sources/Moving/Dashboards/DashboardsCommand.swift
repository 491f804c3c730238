package import ArgumentParser

/// `martlet dashboards`: work on dashboards.
package struct DashboardsCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "dashboards", abstract: "Import dashboards from Grafana, and say what is in some.",
        subcommands: [DashboardsImportCommand.self, DashboardsCheckCommand.self])

    package init() {}
}
