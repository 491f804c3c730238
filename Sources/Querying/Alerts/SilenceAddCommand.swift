import ArgumentParser
import MartletCore
import NIOHTTP1
import Service

#if canImport(Glibc)
import Glibc
#endif

/// `martlet silence add`.
struct SilenceAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Silence the alerts that all matchers match, and print the silence's id.")

    @Argument(
        help: ArgumentHelp("Which alerts: team=db, severity=~\"page|warn\", or an alert's name.", valueName: "matcher"))
    var matchers: [String]

    @Option(help: ArgumentHelp("Why, for others to read.", value: .text))
    var comment: String

    @Option(help: ArgumentHelp("For how long.", value: .duration))
    var duration = FlagDuration(milliseconds: 3_600_000)

    @Option(
        help: ArgumentHelp(
            "Until when, in place of --duration: now+3h, a time in RFC 3339, or Unix seconds.", value: .time))
    var until: FlagTime?

    @Option(help: ArgumentHelp("Who silences.", value: .text, default: "$USER"))
    var author: String?

    @OptionGroup var server: ServerOptions

    func validate() throws {
        if comment.isEmpty { throw ValidationError("--comment must not be empty") }
        if duration.milliseconds <= 0 { throw ValidationError("--duration must be longer than 0") }
    }

    func run() async throws {
        let now = WallClock.nanoseconds
        let end = until?.nanoseconds ?? now + duration.milliseconds * 1_000_000
        guard end > now else { throw UsageError("--until is in the past") }
        guard let author = author ?? getenv("USER").map({ String(cString: $0) }), !author.isEmpty else {
            throw UsageError("say who silences with --author")
        }
        let document = SilenceDocument.new(
            try AlertFilter.matchers(matchers), now..<end, author: author, comment: comment)
        let server = try server.queried(port: 9093)
        let answer = try await server.send(.POST, SilenceCommand.path, document)
        guard let id = (try? JSONValue(parsing: answer))?["silenceID"]?.string else {
            throw server.unreadable(SilenceCommand.path, "no id of a silence")
        }
        let output = Output()
        try output.line(PlainText.line(id))
        try output.flush()
    }
}
