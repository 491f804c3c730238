import ArgumentParser
import Delivery
import MartletCore
import Peers
import Service
import Wire

/// `martlet logs import`.
struct LogsImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import log lines from a running Loki, or another martlet-logs.",
        discussion: """
            Reads the lines of all streams, or of those that --selector matches, through the query API and pushes them in the \
            order of their times: all that the new server keeps, unless --from says otherwise, until now. What was taken is written to the state file; the same command goes on from there after it was \
            cut off, and after it has ended it moves what has come since. Lines that are sent twice for that are kept once: the \
            same line of the same stream and time with the same metadata. At the end the lines of each day are counted on both \
            sides.
            """)

    @Argument(help: ArgumentHelp("The old server, such as http://loki:3100.", valueName: "url"))
    var url: String

    @Option(help: ArgumentHelp("The new server.", value: .url))
    var to = "http://127.0.0.1:3100"

    @Option(help: ArgumentHelp("Streams to move, such as '{app=\"shop\"}'; all unless given.", value: .pattern))
    var selector: String?

    @Option(help: ArgumentHelp("Lines asked for at a time; the old server's limit rules.", value: .count))
    var lines = 5000

    @OptionGroup var move: MoveOptions
    @OptionGroup var source: SourceOptions
    @OptionGroup var target: LoginOptions<NewServer>

    func validate() throws {
        guard lines > 0 else { throw ValidationError("--lines must be at least 1") }
    }

    func run() async throws {
        let old = LokiPeer(peer: try source.login.peer(url))
        let new = LokiPeer(peer: try target.peer(to))
        let blocking = BlockingPool(threads: 2)
        let file = MoveFile(
            self.move.stateFile("logs"), kind: "logs",
            identity: [
                ("source", old.peer.url), ("target", new.peer.url), ("selector", selector),
                ("tenant", source.login.tenant),
                ("targetTenant", target.tenant),
            ])
        let ages = try await new.ages()
        let begin = try await self.begin(file, old, ages)
        var move = LogMove(
            from: old,
            to: MoveTarget(
                new.peer, path: LokiPush.path, format: .lokiPush, patience: source.waiting, blocking: blocking),
            file: file, state: begin, patience: source.waiting, kept: ages?.limit,
            stopsAtRefusal: !self.move.skipRefused,
            bar: ProgressBar(
                total: (begin.until - begin.from) * Int64(max(1, begin.groups.count)), of: .way,
                before: (begin.done, begin.lines), interval: .seconds(30)),
            say: { StandardError.write("\n\($0)\n") })
        try await move.run(limit: lines)
        StandardError.write("moved \(move.state.lines) lines from \(old.peer.url) to \(new.peer.url)\n")
        if move.state.refused > 0 {
            StandardError.write("\(move.state.refused) pushes were not taken in full\n")
        }
        if !self.move.noVerify { try await verify(move.state, old, new, ages) }
    }

    // MARK: Begin

    /// Where to begin: the state of an import that was cut off, what has come since one that has ended, or all.
    private func begin(_ file: MoveFile, _ old: LokiPeer, _ ages: LineAges?) async throws -> LogMoveState {
        let now = WallClock.milliseconds / 1000
        let end = self.move.until?.seconds ?? now
        guard let document = try file.read() else {
            let start = try start(now, ages)
            guard let state = try await fresh(start, end, old, file) else {
                throw ToolError(
                    "\(old.peer.url) has no streams between \(Self.time(start)) and \(Self.time(end)); see --from and --tenant"
                )
            }
            return state
        }
        guard let state = LogMoveState(document) else {
            throw ToolError("\(file.path) is no state of an import; remove it, or name another file with --state")
        }
        guard state.isDone else {
            if let from = self.move.from, from.seconds != state.from, !Self.isAge(from, state.from) {
                throw ToolError(
                    "\(file.path) is the state of an import from \(Self.time(state.from)); finish that first, or name another "
                        + "file with --state")
            }
            StandardError.write(
                "going on at \(RFC3339.format(unixNanoseconds: state.next)), with \(state.lines) lines moved before\n")
            return state
        }
        guard end > state.until else {
            StandardError.write("an import until \(Self.time(state.until)) has ended before\n")
            return state
        }
        // Lines may come late: an hour is what Loki takes.
        let start = max(state.from, state.until - 3600)
        StandardError.write("an import until \(Self.time(state.until)) has ended; moving what has come since\n")
        if let sequel = try await fresh(start, end, old, file) { return sequel }
        StandardError.write("nothing has come since\n")
        return state
    }

    private static func isAge(_ from: MoveTime, _ start: Int64) -> Bool { from.seconds >= start }

    /// The state of an import that begins; nil where there is nothing in its time.
    private func fresh(
        _ start: Int64, _ end: Int64, _ old: LokiPeer, _ file: MoveFile
    ) async throws -> LogMoveState? {
        guard start < end else { throw UsageError("--from must be before --until") }
        var groups = selector.map { [$0] } ?? []
        if groups.isEmpty {
            StandardError.write("looking for the streams of \(old.peer.url)\n")
            let sets = try await old.labelSets(from: start, until: end, source.waiting)
            groups = StreamGroups.selectors(sets)
            if groups.isEmpty { return nil }
        }
        let state = LogMoveState(from: start, until: end, groups: groups)
        StandardError.write("moving lines from \(Self.time(start)) until \(Self.time(end))\n")
        try file.publish(state.members)
        return state
    }

    /// The time of the first line, which the new server must be willing to take.
    private func start(_ now: Int64, _ ages: LineAges?) throws -> Int64 {
        let kept = ages?.retention ?? 31 * 86_400
        var start = move.from?.seconds ?? now - kept
        if let retention = ages?.retention, start < now - retention {
            StandardError.write(
                "\(to) keeps lines for \(PrometheusDuration.format(retention * 1000)) (limits_config.retention_period): older ones are "
                    + "not moved\n")
            start = now - retention
        } else if move.from == nil, ages?.retention == nil {
            StandardError.write("moving the lines of the last 31 days; --from says otherwise\n")
        }
        // A minute is not worth a complaint.
        if let refusal = ages?.refusal, start < now - refusal - 60 {
            throw ToolError(
                "\(to) refuses lines older than \(PrometheusDuration.format(refusal * 1000)) (limits_config.reject_old_samples_max_age): "
                    + "set limits_config.reject_old_samples to false there until the import has ended, or move only newer lines "
                    + "with --from \(PrometheusDuration.format(refusal * 1000))")
        }
        // What ages past the limit while the import runs would be refused.
        if let limit = ages?.limit { start = max(start, LogMove.horizon(limit)) }
        return start
    }

    private static func time(_ seconds: Int64) -> String { RFC3339.format(unixNanoseconds: seconds * 1_000_000_000) }

    // MARK: End

    private func verify(
        _ state: LogMoveState, _ old: LokiPeer, _ new: LokiPeer, _ ages: LineAges?
    ) async throws {
        var bar = ProgressBar(total: state.until - state.from, of: .way, interval: .seconds(30))
        let (differences, lines) = try await LogVerification(
            source: old, target: new, state: state, horizon: ages?.limit.map(LogMove.horizon) ?? .min,
            patience: source.waiting
        ).run(&bar)
        for difference in differences { StandardError.write(difference.text + "\n") }
        let lost = differences.filter(\.isLoss).count
        guard lost == 0 else {
            throw ToolError("on \(lost) day\(lost == 1 ? "" : "s") the new server has fewer lines than the old one")
        }
        let unknown = differences.filter(\.isUnknown).count
        guard unknown == 0 else {
            throw ToolError(
                "on \(unknown) day\(unknown == 1 ? "" : "s") the lines of the new server could not be counted; run the same command "
                    + "again, or leave counting out with --no-verify")
        }
        StandardError.write(
            differences.isEmpty
                ? "verified: \(lines) lines on both sides\n"
                : differences.contains { $0.source == nil }
                    ? "all \(state.lines) lines that were moved are there; what the old server has on the days above is not known\n"
                    : "verified: no line is missing; the days above have lines that others have sent\n")
    }
}
