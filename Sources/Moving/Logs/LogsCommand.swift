package import ArgumentParser

/// `martlet logs`: work on the log server's lines.
package struct LogsCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Import log lines from Loki.", subcommands: [LogsImportCommand.self])

    package init() {}
}
