import ArgumentParser

/// `martlet query stats`.
struct StatsQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Tell how many streams, lines and bytes of logs there are.")

    @OptionGroup var logs: LogSummaryOptions

    func run() async throws { try await logs.show("index/stats", lines: LogSummary.stats) }
}
