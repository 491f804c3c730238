import ArgumentParser
import Service

/// `martlet query fields`.
struct FieldsQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fields", abstract: "Tell which fields the newest lines of logs have, or the values of one.")

    @OptionGroup var logs: LogSummaryOptions

    @Argument(help: ArgumentHelp("A field, for its values.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("Lines that are looked at.", value: .count))
    var lines = 1000

    func validate() throws {
        if lines < 1 { throw ValidationError("--lines must be at least 1") }
    }

    func run() async throws {
        let parameters = [("line_limit", "\(lines)")]
        guard let name else { return try await logs.show("detected_fields", parameters, lines: LogSummary.fields) }
        try await logs.show("detected_field/\(URLText.encoded(name))/values", parameters, lines: LogSummary.values)
    }
}
