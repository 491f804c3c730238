import ArgumentParser
import MartletCore
import Service

#if canImport(Glibc)
import Glibc
#endif

/// `martlet query logs`.
struct LogsQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Ask for log lines, or for numbers made of them, in LogQL.",
        discussion: """
            Lines come newest first unless --forward is given, 30 of them unless --limit says otherwise. More than the server \
            gives at a time are asked for in pages. With --tail the lines that arrive follow. Queries for numbers are evaluated \
            at each step, or once with --time.
            """)

    @Argument(help: ArgumentHelp("LogQL, such as '{app=\"shop\"} |= \"error\"'.", valueName: "query"))
    var query: String

    @OptionGroup var range: RangeOptions

    @Option(help: ArgumentHelp("The moment, of a query for numbers.", value: .time))
    var time: FlagTime?

    @Option(help: ArgumentHelp("Distance of the evaluations of a query for numbers.", value: .duration))
    var step: FlagDuration?

    @Option(
        help: ArgumentHelp(
            "Lines that are shown; 0 shows all. With --tail, of those that are there already.", value: .count))
    var limit = 30

    @Option(help: ArgumentHelp("Lines that are asked for at a time.", value: .count))
    var batch = 1000

    @Flag(help: "Oldest lines first.")
    var forward = false

    @OptionGroup var tail: TailOptions

    @Flag(help: "Say at the end, on standard error, what the server read for it.")
    var stats = false

    @OptionGroup var lines: LogLineOptions

    @OptionGroup var server: ServerOptions

    func validate() throws {
        if limit < 0 { throw ValidationError("--limit must not be negative") }
        if batch < 1 { throw ValidationError("--batch must be at least 1") }
        if let step, step.milliseconds <= 0 { throw ValidationError("--step must be longer than 0") }
        if time != nil, range.since != nil || range.until != nil || step != nil {
            throw ValidationError("--time excludes --since, --until and --step")
        }
        if tail.isWanted, range.until != nil || time != nil || step != nil || forward || stats {
            throw ValidationError("--tail excludes --until, --time, --step, --forward and --stats")
        }
    }

    func run() async throws {
        let server = try server.queried(port: 3100)
        if let time { return try await number(server, at: time) }
        let query = LogLinesQuery(server: server, text: query, batch: batch, step: step?.milliseconds)
        let times = try range.range(now: WallClock.nanoseconds)
        if tail.isWanted { return try await follow(query, from: times.lowerBound) }
        let output = Output()
        var cost = QueryCost()
        let numbers = try await query.pages(times, forward ? .forward : .backward, limit: limit) { body in
            if stats { try cost.add(body) }
        } _: { page, found in
            try lines.write(page, found, to: output)
        }
        if let numbers { try show(numbers) }
        if stats { StandardError.write(cost.description + "\n") }
    }

    private func follow(_ query: LogLinesQuery, from start: Int64) async throws {
        signal(SIGINT) { _ in _exit(0) }
        let output = Output()
        let follower = try LogFollower(query, from: start, delay: tail.delayFor) {
            try lines.write($0, $1, to: output)
        }
        try await follower.run(limit: limit)
    }

    private func number(_ server: QueriedServer, at time: FlagTime) async throws {
        let path = "/loki/api/v1/query"
        let body = try await server.form(path, [("query", query), ("time", "\(time.nanoseconds)")])
        do {
            if try SeriesText.kind(body) == .streams {
                throw ToolError("--time is for queries for numbers: ask for lines with --since and --until")
            }
            try show(body)
            if stats {
                var cost = QueryCost()
                try cost.add(body)
                StandardError.write(cost.description + "\n")
            }
        } catch let error as JSONError {
            throw server.unreadable(path, error)
        }
    }

    private func show(_ numbers: [UInt8]) throws {
        try ResultOutput.write(numbers, lines.output == .jsonl ? .json : .text)
    }
}
