package import ArgumentParser

/// `martlet metrics`: work on the metric server's data directory, with promtool's words where it has them.
package struct MetricsCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "metrics", abstract: "Import metrics, and look into the metric server's data directory.",
        subcommands: [ImportCommand.self, TSDBCommand.self])

    package init() {}
}

/// `martlet metrics tsdb`.
struct TSDBCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tsdb", abstract: "Look into a data directory, of martlet-metrics or of Prometheus.",
        subcommands: [AnalyzeCommand.self, DumpCommand.self, ListCommand.self, VerifyCommand.self])
}
