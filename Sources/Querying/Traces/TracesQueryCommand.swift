import ArgumentParser
import MartletCore
import Service
import TraceQL

/// `martlet query traces`.
struct TracesQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "traces", abstract: "Find traces by TraceQL, or make numbers of them.",
        discussion: """
            A trace that is found is shown by "martlet query trace ID". Queries for numbers, such as '{ } | rate() by \
            (resource.service.name)', are evaluated at each step, or once for the whole range with --instant.
            """)

    private static let path = "/api/search"

    @Argument(help: ArgumentHelp("TraceQL, such as '{ status = error && duration > 1s }'.", valueName: "query"))
    var query: String

    @OptionGroup var range: RangeOptions

    @Option(help: ArgumentHelp("Traces that are shown.", value: .count, default: "20"))
    var limit: Int?

    @Option(
        help: ArgumentHelp(
            "Distance of the evaluations of a query for numbers.", value: .duration,
            default: "a 250th of the range, 1s at least"))
    var step: FlagDuration?

    @Flag(help: "Of a query for numbers, one value for the whole range.")
    var instant = false

    @Option(
        help: ArgumentHelp(
            "text: a table, or numbers as \"query metrics\" prints them; json: the answer as the server sends it.",
            value: .format))
    var output = TextOrJSON.text

    @OptionGroup var server: ServerOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
        if let step, step.milliseconds <= 0 { throw ValidationError("--step must be longer than 0") }
        if isAboutNumbers {
            if limit != nil { throw ValidationError("--limit is for traces, and this is a query for numbers") }
            if instant, step != nil { throw ValidationError("--instant excludes --step") }
        } else if step != nil || instant {
            throw ValidationError("--step and --instant are for queries for numbers, such as '{ } | rate()'")
        }
    }

    /// What does not parse here is a search's to refuse, in the server's words.
    private var isAboutNumbers: Bool { (try? Query(parsing: query))?.isMetrics ?? false }

    func run() async throws {
        let server = try server.queried(port: 3200)
        let range = try range.range(now: WallClock.nanoseconds)
        // Whole seconds, the last one included.
        let (start, end) = (range.lowerBound / 1_000_000_000, (range.upperBound - 1) / 1_000_000_000 + 1)
        let parameters = [("q", query), ("start", "\(start)"), ("end", "\(end)")]
        if isAboutNumbers { return try await numbers(server, parameters, start..<end) }
        let body = try await server.get(Self.path, parameters + [("limit", "\(limit ?? 20)")])
        try server.show(body, Self.path, output, TraceTable.lines)
    }

    private func numbers(
        _ server: QueriedServer, _ parameters: [(String, String)], _ seconds: Range<Int64>
    ) async throws {
        let path = "/api/metrics/" + (instant ? "query" : "query_range")
        let step = step?.milliseconds ?? max(1, (seconds.upperBound - seconds.lowerBound) / 250) * 1000
        let body = try await server.get(
            path, parameters + (instant ? [] : [("step", GoDuration.format(step * 1_000_000))]))
        let lines = Output()
        if output == .json {
            try lines.line(body)
            return try lines.flush()
        }
        do {
            let partial = try TraceSeriesText.write(body, instant: instant ? seconds.upperBound * 1000 : nil) {
                try lines.line($0)
            }
            try lines.flush()
            if let partial { StandardError.write("warning: \(PlainText.line(partial))\n") }
        } catch let error as JSONError {
            throw server.unreadable(path, error)
        }
    }
}
