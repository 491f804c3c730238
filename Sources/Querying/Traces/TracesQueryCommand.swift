import ArgumentParser
import Service

/// `martlet query traces`.
struct TracesQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "traces", abstract: "Find traces by TraceQL.",
        discussion: "A trace that is found is shown by \"martlet query trace ID\".")

    private static let path = "/api/search"

    @Argument(help: ArgumentHelp("TraceQL, such as '{ status = error && duration > 1s }'.", valueName: "query"))
    var query: String

    @OptionGroup var range: RangeOptions

    @Option(help: ArgumentHelp("Traces that are shown.", value: .count))
    var limit = 20

    @Option(help: ArgumentHelp("text: a table, or json: the answer as the server sends it.", value: .format))
    var output = TextOrJSON.text

    @OptionGroup var server: ServerOptions

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit must be at least 1") }
    }

    func run() async throws {
        let server = try server.queried(port: 3200)
        let range = try range.range(now: WallClock.nanoseconds)
        // Whole seconds, the last one included.
        let (start, end) = (range.lowerBound / 1_000_000_000, (range.upperBound - 1) / 1_000_000_000 + 1)
        let body = try await server.get(
            Self.path, [("q", query), ("start", "\(start)"), ("end", "\(end)"), ("limit", "\(limit)")])
        try server.show(body, Self.path, output, TraceTable.lines)
    }
}
