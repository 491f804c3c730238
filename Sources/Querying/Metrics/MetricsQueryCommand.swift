import ArgumentParser
import MartletCore
import Peers
import Service

/// `martlet query metrics`.
struct MetricsQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Evaluate PromQL, at one moment or over a range of time.",
        discussion: """
            With --since the expression is evaluated at each step until --until; without, once, at --time. An expression that \
            begins with a minus stands behind "--".
            """)

    @Argument(help: ArgumentHelp("PromQL.", valueName: "expression"))
    var expression: String

    @Option(help: ArgumentHelp("The moment, without --since.", value: .time, default: "now"))
    var time: FlagTime?

    @Option(
        name: [.customLong("since"), .customLong("from")],
        help: ArgumentHelp(
            "Begin of the range: an age such as 3h, now-3h, a time in RFC 3339, or Unix seconds.", value: .time))
    var since: FlagTime?

    @Option(
        name: [.customLong("until"), .customLong("to")],
        help: ArgumentHelp("End of the range, included.", value: .time, default: "now"))
    var until: FlagTime?

    @Option(
        help: ArgumentHelp(
            "Distance of the evaluations.", value: .duration, default: "a 250th of the range, 1s at least"))
    var step: FlagDuration?

    @Option(
        help: ArgumentHelp("text, as promtool prints it, or json: the result as the server sends it.", value: .format))
    var output = TextOrJSON.text

    @OptionGroup var server: ServerOptions

    func validate() throws {
        if since != nil, time != nil { throw ValidationError("--time and --since exclude each other") }
        if since == nil, until != nil || step != nil {
            throw ValidationError("--until and --step need --since; at one moment there is --time")
        }
        if let step, step.milliseconds <= 0 { throw ValidationError("--step must be longer than 0") }
        if let since, since.nanoseconds > until?.nanoseconds ?? WallClock.nanoseconds {
            throw ValidationError("--since must be before --until")
        }
    }

    func run() async throws {
        let server = try server.queried(port: 9090)
        let path = "/api/v1/" + (since == nil ? "query" : "query_range")
        let body = try await server.form(path, parameters(now: WallClock.nanoseconds))
        do {
            try ResultOutput.write(body, output)
        } catch let error as JSONError {
            throw server.unreadable(path, error)
        }
    }

    private func parameters(now: Int64) -> [(String, String)] {
        guard let since else {
            return [("query", expression), ("time", QueryParameter.seconds(time?.nanoseconds ?? now))]
        }
        let end = until?.nanoseconds ?? now
        let step = step?.milliseconds ?? max(1, (end - since.nanoseconds) / 250_000_000_000) * 1000
        return [
            ("query", expression), ("start", QueryParameter.seconds(since.nanoseconds)),
            ("end", QueryParameter.seconds(end)), ("step", QueryParameter.seconds(step * 1_000_000)),
        ]
    }
}
