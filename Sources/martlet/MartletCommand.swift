import ArgumentParser
import Backup
import Certificates
import Checking
import MetricTools
import Moving
import Querying
import Service
import Supervision

/// The tool: runs the stack and looks after it.
@main
struct MartletCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet", abstract: "A whole observability stack: metrics, logs, traces, dashboards and alerts.",
        version: BuildVersion.number,
        subcommands: [
            UpCommand.self, CheckCommand.self, TestCommand.self, QueryCommand.self, SilenceCommand.self,
            BenchCommand.self,
            MetricsCommand.self,
            LogsCommand.self, TracesCommand.self, DashboardsCommand.self, CertsCommand.self, BackupCommand.self,
            RestoreCommand.self,
            VersionCommand.self,
        ])
}
