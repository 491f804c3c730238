import ArgumentParser

/// `martlet query patterns`.
struct PatternsQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patterns", abstract: "Tell which patterns the lines of logs follow, the most frequent first.")

    @OptionGroup var logs: LogSummaryOptions

    func run() async throws { try await logs.show("patterns", lines: LogSummary.patterns) }
}
