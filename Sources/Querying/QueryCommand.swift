package import ArgumentParser

/// `martlet query`: asks running servers, as promtool, logcli, tempo-cli and amtool do.
package struct QueryCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Ask the servers: PromQL, LogQL, TraceQL, and what fires.",
        discussion: "Prometheus, Loki, Tempo and Alertmanager answer as well.",
        subcommands: [
            MetricsQueryCommand.self, LogsQueryCommand.self, TracesQueryCommand.self, TraceQueryCommand.self,
            AlertsQueryCommand.self, LabelsQueryCommand.self, SeriesQueryCommand.self, StatsQueryCommand.self,
            VolumeQueryCommand.self, PatternsQueryCommand.self, FieldsQueryCommand.self,
        ])

    package init() {}
}
