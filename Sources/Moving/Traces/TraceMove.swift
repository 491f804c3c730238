import MartletCore
import Peers
import Service
import Wire

/// Moves traces from a server that speaks Tempo's API into one that takes OTLP: ranges of time one after the other, the traces
/// of each a few at a time, and what was taken is written down when a range is done.
struct TraceMove {
    /// Bytes of traces that are sent together.
    private static let requestBytes = 2 << 20
    /// Traces that are remembered, so that one which is found again is not read again.
    private static let mostRemembered = 1_000_000
    /// Attempts at a search whose answer says that it has not looked everywhere.
    private static let looks = 3

    let source: TempoPeer
    let target: MoveTarget
    let file: MoveFile
    let patience: Patience
    /// Traces that are read at the same time.
    let readers: Int
    /// Whether spans that the target refuses for good end the move.
    let stopsAtRefusal: Bool
    /// Is told of a sentence for the user.
    let say: (String) -> Void
    private(set) var state: TraceMoveState
    private var bar: ProgressBar
    private var remembered: Set<OTLP.TraceID> = []

    init(
        from source: TempoPeer, to target: MoveTarget, file: MoveFile, state: TraceMoveState, patience: Patience,
        readers: Int, stopsAtRefusal: Bool, bar: ProgressBar, say: @escaping (String) -> Void
    ) {
        self.source = source
        self.target = target
        self.file = file
        self.state = state
        self.patience = patience
        self.readers = readers
        self.stopsAtRefusal = stopsAtRefusal
        self.bar = bar
        self.say = say
    }

    /// Moves all that is left.
    mutating func run(limit: Int) async throws {
        var plan = TracePlan(from: state.next, until: state.until, limit: limit)
        var patience = patience
        var looks = 0
        while let search = plan.search {
            do {
                switch try await source.search(search) {
                case .limit(let most): plan.allow(most)
                case .traces(let found, let isWhole):
                    patience.succeed()
                    if !isWhole, found.count < search.limit, looks < Self.looks {
                        looks += 1
                        try await Task.sleep(for: .seconds(looks))
                        continue
                    }
                    if !isWhole, found.count < search.limit {
                        say(
                            "\(source.peer.url) has not looked everywhere between \(Self.time(search.from)) and \(Self.time(search.until))"
                        )
                    }
                    looks = 0
                    guard plan.read(found.count) else { continue }
                    if found.count >= search.limit { state.crowded.append(search.from) }
                    try await move(found)
                    state.next = search.until
                    state.open = state.open.union(found).filter { $0.end >= search.until }
                    try file.publish(state.members)
                    bar.update(state.next - state.from, state.traces, "traces")
                }
            } catch let failure as Peer.Failure {
                if failure.isAboutSize { plan.shrink() }
                try await patience.wait(failure.reason, after: failure.after)
            }
        }
        bar.finish(state.next - state.from, state.traces, "traces")
    }

    /// What was read and not yet sent.
    private struct Batch {
        var body: [UInt8] = []
        var spans = SpanCount.none
        var traces: Int64 = 0
    }

    /// Moves the traces that were not moved before.
    private mutating func move(_ found: [FoundTrace]) async throws {
        let open = Set(state.open.map(\.id))
        var ids: [OTLP.TraceID] = []
        var seen: Set<OTLP.TraceID> = []
        for trace in found
        where !open.contains(trace.id) && !remembered.contains(trace.id) && seen.insert(trace.id).inserted {
            ids.append(trace.id)
        }
        // The state changes only when all of the range is taken: what is sent twice then is kept once, and counted once.
        var after = state
        let source = source
        let patience = patience
        let range = state.from..<state.until
        try await withThrowingTaskGroup(of: (OTLP.TraceID, TempoPeer.Trace).self) { group in
            var waiting = ids.makeIterator()
            for _ in 0..<readers {
                guard let id = waiting.next() else { break }
                group.addTask { (id, try await source.trace(id, patience)) }
            }
            var batch = Batch()
            while let (id, trace) = try await group.next() {
                if let next = waiting.next() {
                    group.addTask { (next, try await source.trace(next, patience)) }
                }
                switch trace {
                case .missing:
                    after.missing += 1
                    say("trace \(id) was found and then not there")
                case .found(let body, let partial):
                    if let partial {
                        after.partial += 1
                        say("trace \(id) is not given in full: \(partial)")
                    }
                    do {
                        batch.spans.add(try SpanCount(body, in: range))
                    } catch {
                        throw ToolError("\(source.peer.url) answers what Tempo does not for trace \(id): \(error)")
                    }
                    batch.body += body
                    batch.traces += 1
                    if batch.body.count >= Self.requestBytes {
                        try await send(batch, &after)
                        batch = Batch()
                    }
                }
            }
            if batch.traces > 0 { try await send(batch, &after) }
        }
        state = after
        if remembered.count > Self.mostRemembered { remembered.removeAll() }
        remembered.formUnion(ids)
    }

    private mutating func send(_ batch: Batch, _ state: inout TraceMoveState) async throws {
        switch try await target.send(batch.body) {
        case .taken: break
        case .refused(let count, let reason):
            guard !stopsAtRefusal else {
                throw ToolError(
                    "the new server refuses spans: \(reason.prefix(600)). Raise that limit there and run the same command again, or "
                        + "leave such spans behind with --skip-refused")
            }
            say("spans were refused: \(reason.prefix(600))")
            state.refused += count ?? batch.spans.total
        }
        state.traces += batch.traces
        state.spans += batch.spans.total
        state.days.merge(batch.spans.days, uniquingKeysWith: +)
        bar.update(self.state.next - state.from, state.traces, "traces")
    }

    private static func time(_ seconds: Int64) -> String { RFC3339.format(unixNanoseconds: seconds * 1_000_000_000) }
}
