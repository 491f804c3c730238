import ArgumentParser
import Service

/// `martlet query volume`.
struct VolumeQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "volume", abstract: "Tell what the bytes of logs belong to, the most first.",
        discussion: "They are counted by the labels of the selector unless --by names others.")

    @OptionGroup var logs: LogSummaryOptions

    @Option(help: ArgumentHelp("Count by this label; may be repeated.", value: .text))
    var by: [String] = []

    @Flag(help: "Count by the names of labels, whatever their values are.")
    var names = false

    @Option(help: ArgumentHelp("Rows that are shown.", value: .count))
    var limit = 30

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit must be at least 1") }
    }

    func run() async throws {
        var parameters = [("limit", "\(limit)"), ("aggregateBy", names ? "labels" : "series")]
        if !by.isEmpty { parameters.append(("targetLabels", by.joined(separator: ","))) }
        try await logs.show("index/volume", parameters, lines: LogSummary.volume)
    }
}
