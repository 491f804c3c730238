import ArgumentParser
import Delivery
import MartletCore
import Peers
import Service
import Wire

/// `martlet traces import`.
struct TracesImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import traces from a running Tempo, or another martlet-traces.",
        discussion: """
            From the last 14 days, unless --from says otherwise, until a minute ago: searches one range of time after the other, reads each trace by its id and sends it as OTLP over HTTP. What was taken is \
            written to the state file; the same command goes on from there after it was cut off, and after it has ended it moves \
            what has come since. Spans that are sent twice for that are kept once. At the end the spans of each day are counted \
            on both sides, as far as they count them.
            """)

    @Argument(help: ArgumentHelp("The old server, such as http://tempo:3200.", valueName: "url"))
    var url: String

    @Option(help: ArgumentHelp("The new server's address of OTLP over HTTP.", value: .url))
    var to = "http://127.0.0.1:4318"

    @Option(
        help: ArgumentHelp(
            "The new server's address of Tempo's API, where spans are counted at the end.", value: .url,
            default: "http://127.0.0.1:3200 where --to is not given"))
    var toApi: String?

    @Option(help: ArgumentHelp("Traces asked for in a search.", value: .count))
    var traces = 1000

    @Option(help: ArgumentHelp("Traces that are read at the same time, 1 to 64.", value: .count))
    var readers = 8

    @OptionGroup var move: MoveOptions
    @OptionGroup var source: SourceOptions
    @OptionGroup var target: LoginOptions<NewServer>

    func validate() throws {
        guard (4...100_000).contains(traces) else { throw ValidationError("--traces must be from 4 to 100000") }
        guard (1...64).contains(readers) else { throw ValidationError("--readers must be from 1 to 64") }
    }

    func run() async throws {
        let old = TempoPeer(peer: try source.login.peer(url))
        let new = try target.peer(to)
        let api = try (toApi ?? (to == "http://127.0.0.1:4318" ? "http://127.0.0.1:3200" : nil)).map {
            TempoPeer(peer: try target.peer($0))
        }
        let file = MoveFile(
            self.move.stateFile("traces"), kind: "traces",
            identity: [
                ("source", old.peer.url), ("target", new.url), ("tenant", source.login.tenant),
                ("targetTenant", target.tenant),
            ])
        let begin = try self.begin(file)
        var move = TraceMove(
            from: old,
            to: MoveTarget(
                new, path: "/v1/traces", format: .otlp(.traces), patience: source.waiting,
                blocking: BlockingPool(threads: 2)),
            file: file, state: begin, patience: source.waiting, readers: readers,
            stopsAtRefusal: !self.move.skipRefused,
            bar: ProgressBar(
                total: begin.until - begin.from, of: .way, before: (begin.next - begin.from, begin.traces),
                interval: .seconds(30)),
            say: { StandardError.write("\n\($0)\n") })
        try await move.run(limit: traces)
        try say(move.state, old, new)
        if !self.move.noVerify, let api { try await verify(move.state, old, api) }
        guard move.state.missing == 0, move.state.partial == 0, move.state.crowded.isEmpty else {
            throw ToolError("not everything was moved, see above")
        }
    }

    private func begin(_ file: MoveFile) throws -> TraceMoveState {
        // Tempo does not search the last half minute.
        let end = move.until?.seconds ?? WallClock.milliseconds / 1000 - 60
        var start = move.from?.seconds ?? WallClock.milliseconds / 1000 - 14 * 86_400
        if let document = try file.read() {
            guard let state = TraceMoveState(document) else {
                throw ToolError("\(file.path) is no state of an import; remove it, or name another file with --state")
            }
            guard state.isDone else {
                StandardError.write(
                    "going on at \(Self.time(state.next)), with \(state.traces) traces moved before\n")
                return state
            }
            guard end > state.until else {
                StandardError.write("an import until \(Self.time(state.until)) has ended before\n")
                return state
            }
            StandardError.write("an import until \(Self.time(state.until)) has ended; moving what has come since\n")
            // What was in flight then may be found now.
            start = max(state.from, state.until - 3600)
        }
        guard start < end else { throw UsageError("--from must be before --until") }
        let state = TraceMoveState(from: start, until: end)
        StandardError.write("moving traces from \(Self.time(start)) until \(Self.time(end))\n")
        try file.publish(state.members)
        return state
    }

    private static func time(_ seconds: Int64) -> String { RFC3339.format(unixNanoseconds: seconds * 1_000_000_000) }

    private func say(_ state: TraceMoveState, _ old: TempoPeer, _ new: Peer) throws {
        StandardError.write(
            "moved \(state.traces) traces with \(state.spans) spans from \(old.peer.url) to \(new.url)\n")
        if state.refused > 0 { StandardError.write("\(state.refused) spans were refused\n") }
        if state.missing > 0 {
            StandardError.write("\(state.missing) traces were found and then not there, as above\n")
        }
        if state.partial > 0 { StandardError.write("\(state.partial) traces are not whole, as above\n") }
        for second in state.crowded {
            StandardError.write("\(Self.time(second)): more traces begin in this second than a search tells\n")
        }
    }

    private func verify(_ state: TraceMoveState, _ old: TempoPeer, _ new: TempoPeer) async throws {
        var bar = ProgressBar(total: state.until - state.from, of: .way, interval: .seconds(30))
        let report = try await SpanVerification(source: old, target: new, state: state, patience: source.waiting)
            .run(&bar)
        for line in report.lines { StandardError.write(line + "\n") }
        guard report.lost == 0 else {
            throw ToolError(
                "on \(report.lost) day\(report.lost == 1 ? "" : "s") the new server has fewer spans than the old one; import those "
                    + "days again with --from, --until and another --state")
        }
        StandardError.write("verified: \(report.spans) spans in the new server, none is missing\n")
    }
}
