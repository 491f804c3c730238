import ArgumentParser
<<<<<<< HEAD
import Backup
=======
import Certificates
>>>>>>> certs: a private authority, certificates, and sites of several machines
import Checking
import MetricTools
import Service
import Supervision

/// The tool: runs the stack and looks after it.
@main
struct MartletCommand: DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet", abstract: "A whole observability stack: metrics, logs, traces, dashboards and alerts.",
        version: BuildVersion.number,
        subcommands: [
<<<<<<< HEAD
            UpCommand.self, CheckCommand.self, TestCommand.self, MetricsCommand.self, BackupCommand.self,
            RestoreCommand.self,
=======
            UpCommand.self, CheckCommand.self, TestCommand.self, MetricsCommand.self, CertsCommand.self,
>>>>>>> certs: a private authority, certificates, and sites of several machines
            VersionCommand.self,
        ])
}
