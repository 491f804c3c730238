import ArgumentParser
import MartletCore
import Peers
import Service

/// `martlet query logs`.
struct LogsQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Ask for log lines, or for numbers made of them, in LogQL.",
        discussion: """
            Lines come newest first unless --forward is given, 30 of them unless --limit says otherwise. More than the server \
            gives at a time are asked for in pages. Queries for numbers are evaluated at each step, or once with --time.
            """)

    private static let path = "/loki/api/v1/query_range"

    @Argument(help: ArgumentHelp("LogQL, such as '{app=\"shop\"} |= \"error\"'.", valueName: "query"))
    var query: String

    @OptionGroup var range: RangeOptions

    @Option(help: ArgumentHelp("The moment, of a query for numbers.", value: .time))
    var time: FlagTime?

    @Option(help: ArgumentHelp("Distance of the evaluations of a query for numbers.", value: .duration))
    var step: FlagDuration?

    @Option(help: ArgumentHelp("Lines that are shown; 0 shows all.", value: .count))
    var limit = 30

    @Option(help: ArgumentHelp("Lines that are asked for at a time.", value: .count))
    var batch = 1000

    @Flag(help: "Oldest lines first.")
    var forward = false

    @Flag(help: "Leave out the labels of lines.")
    var noLabels = false

    @Option(
        help: ArgumentHelp(
            "default: time, labels and line; raw: the line alone; jsonl: an object for each. Numbers: text, or JSON with jsonl.",
            value: .format))
    var output = LogFormat.default

    @OptionGroup var server: ServerOptions

    func validate() throws {
        if limit < 0 { throw ValidationError("--limit must not be negative") }
        if batch < 1 { throw ValidationError("--batch must be at least 1") }
        if let step, step.milliseconds <= 0 { throw ValidationError("--step must be longer than 0") }
        if time != nil, range.since != nil || range.until != nil || step != nil {
            throw ValidationError("--time excludes --since, --until and --step")
        }
    }

    func run() async throws {
        let server = try server.queried(port: 3100)
        if let time {
            let path = "/loki/api/v1/query"
            let body = try await server.form(path, [("query", query), ("time", "\(time.nanoseconds)")])
            return try read(server, path) { try show(body) }
        }
        var pager = LogPager(
            range: try range.range(now: WallClock.nanoseconds), direction: forward ? .forward : .backward,
            limit: limit == 0 ? .max : limit, batch: batch)
        let output = Output()
        while let question = pager.next {
            let body = try await server.form(Self.path, parameters(question))
            let isLast = try read(server, Self.path) {
                guard try SeriesText.kind(body) == .streams else {
                    try show(body)
                    return true
                }
                let page = try LogPage(body)
                for line in pager.take(page) {
                    try output.line(
                        self.output.line(line.timestamp, noLabels ? nil : page.streams[line.stream], line.text))
                }
                try output.flush()
                return false
            }
            if isLast { return }
        }
    }

    private func show(_ body: [UInt8]) throws {
        if try SeriesText.kind(body) == .streams {
            throw ToolError("--time is for queries for numbers: ask for lines with --since and --until")
        }
        try ResultOutput.write(body, output == .jsonl ? .json : .text)
    }

    private func read<R>(_ server: QueriedServer, _ path: String, _ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let error as JSONError {
            throw server.unreadable(path, error)
        }
    }

    private func parameters(_ question: LogPager.Question) -> [(String, String)] {
        var parameters = [
            ("query", query), ("start", "\(question.start)"), ("end", "\(question.end)"),
            ("limit", "\(question.limit)"),
            ("direction", (forward ? LogPager.Direction.forward : .backward).rawValue),
        ]
        if let step { parameters.append(("step", QueryParameter.seconds(step.milliseconds * 1_000_000))) }
        return parameters
    }
}
