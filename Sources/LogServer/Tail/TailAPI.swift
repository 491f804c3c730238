import HTTPTypes
import Hummingbird
import LogQL
import MartletCore
import Service

/// `/loki/api/v1/tail`: lines as they arrive, over a WebSocket.
struct TailAPI: Sendable {
    static let paths = ["/loki/api/v1/tail", "/api/prom/tail"]
    /// Lines that a message has at most, and bytes of lines behind which it ends.
    private static let linesPerMessage = 100
    private static let bytesPerMessage = 1 << 20
    private static let maxDelaySeconds: Int64 = 5

    private let sources: TenantSources
    private let hub: TailHub
    private let config: LogConfig
    private let queries: BlockingPool
    /// Unix nanoseconds.
    private let clock: @Sendable () -> Int64

    init(
        sources: TenantSources, hub: TailHub, config: LogConfig, queries: BlockingPool,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.sources = sources
        self.hub = hub
        self.config = config
        self.queries = queries
        self.clock = clock
    }

    func add(to router: Router<ServiceContext>) {
        for path in Self.paths { router.get("\(path)") { try await answer($0, $1) } }
    }

    /// What a tail was asked for.
    private struct Wish: Sendable {
        /// By name; one at least.
        let tenants: [String]
        let expression: LogExpression
        let start: Int64
        let limit: Int
        /// Nanoseconds that lines are kept back.
        let delay: Int64
        let isCategorized: Bool
    }

    private func answer(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let wish = try await wish(request, context)
        guard let place = hub.follow(wish.tenants) else {
            throw HTTPFailure.retryLater(
                .tooManyRequests,
                "max concurrent tail requests limit exceeded, count > limit (\(hub.limit + 1) > \(hub.limit)); "
                    + "the limit is limits_config.max_concurrent_tail_requests")
        }
        let reader = try await queries.run { [expression = wish.expression, isOfSeveral = wish.tenants.count > 1] in
            do throws(LogQueryError) {
                return try TailReader(expression, isOfSeveral: isOfSeveral)
            } catch {
                throw QueryAPI.failure(error)
            }
        }
        context.account.leave(TailRecord.left(of: context.account.limit))
        return try WebSocket.answer(request, context) { socket in
            defer { place.leave() }
            do {
                let tail = Tail(
                    socket: socket, wish: wish, queue: place.queue, reader: reader, account: context.account)
                try await talk(tail)
                return .goingAway
            } catch let error as HTTPFailure {
                return .failed(error.message)
            } catch {
                return .goingAway
            }
        }
    }

    private func wish(_ request: Request, _ context: ServiceContext) async throws -> Wish {
        let tenants = try TenantName.all(
            of: request, context, isEnabled: config.isAuthEnabled, single: LogsServer.tenant,
            mayBeSeveral: config.queriesSeveralTenants
        ).map(\.name)
        let form = FormParameters(query: request.uri.query ?? "")
        let parameters = QueryParameters(form, now: clock())
        let delay = try parameters.whole("delay_for", default: 0)
        guard delay >= 0 else { throw HTTPFailure(.badRequest, "delay_for can't be negative") }
        guard delay <= Self.maxDelaySeconds else {
            throw HTTPFailure(.badRequest, "delay_for can't be greater than \(Self.maxDelaySeconds)")
        }
        let limit = try parameters.limit()
        let start = try parameters.range().start
        try config.limits.checkEntries(limit)
        let text = form["query"] ?? ""
        let expression = try await queries.run {
            do throws(LogQueryError) {
                guard case .log(let log) = try QueryExpression(parsing: text) else {
                    throw LogQueryError(.badQuery, "only log selector is supported")
                }
                return log
            } catch {
                throw QueryAPI.failure(error)
            }
        }
        return Wish(
            tenants: tenants, expression: expression, start: start, limit: limit, delay: Int64(delay) * 1_000_000_000,
            isCategorized: QueryAPI.encodingFlags(request).contains("categorize-labels"))
    }

    // MARK: Talking

    /// A tail under way.
    private struct Tail: Sendable {
        let socket: WebSocket
        let wish: Wish
        let queue: TailQueue
        let reader: TailReader
        /// What waits for the client is taken from the process' memory, however slowly it reads.
        let account: RequestAccount
    }

    private func talk(_ tail: Tail) async throws {
        try await sendHistory(tail)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    try await Task.sleep(for: .seconds(1))
                    try await tail.socket.ping()
                }
            }
            group.addTask { try await follow(tail) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func sendHistory(_ tail: Tail) async throws {
        let history = try await history(tail.wish)
        try tail.account.reserve(history.byteCount)
        tail.reader.remember(history)
        let lines = history.streams.flatMap { stream in
            stream.entries.map { TailReader.Line(stream: stream.labels, entry: $0) }
        }
        try await send(lines.sorted { $0.entry.timestamp < $1.entry.timestamp }, [], on: tail)
        tail.account.release(history.byteCount)
    }

    /// The newest lines that are stored.
    private func history(_ wish: Wish) async throws -> LogStreams {
        let context = sources.context(timeoutSeconds: config.limits.queryTimeout)
        let engine = LogEngine(sources.source(wish.tenants))
        let end = QueryParameters.later(clock(), by: config.limits.creationGracePeriod)
        return try await withTaskCancellationHandler {
            try await queries.run {
                do throws(LogQueryError) {
                    return try engine.logs(
                        wish.expression, start: wish.start, end: max(wish.start, end), limit: wish.limit,
                        direction: .backward, context: context)
                } catch {
                    throw QueryAPI.failure(error)
                }
            }
        } onCancel: {
            context.cancel()
        }
    }

    private func follow(_ tail: Tail) async throws {
        for await _ in tail.queue.arrivals {
            var (lines, dropped, bytes) = try await arrived(tail)
            if tail.wish.delay > 0 {
                // What arrives in the meantime may belong before it.
                try await Task.sleep(for: .nanoseconds(tail.wish.delay))
                let later = try await arrived(tail)
                lines = (lines + later.lines).sorted { $0.entry.timestamp < $1.entry.timestamp }
                dropped += later.dropped
                bytes += later.bytes
            }
            try await send(lines, dropped, on: tail)
            tail.account.release(bytes)
        }
    }

    /// What waits, with the bytes of the account that it takes, and places of what was dropped.
    private func arrived(
        _ tail: Tail
    ) async throws -> (lines: [TailReader.Line], dropped: [TailReader.Dropped], bytes: Int) {
        while true {
            do {
                return try await queries.run { [clock] in
                    let content = tail.queue.take()
                    let found = try tail.reader.lines(content.records, tail.account)
                    var dropped = found.dropped
                    if let record = content.dropped { dropped += try tail.reader.places(in: record) }
                    // Somewhere in the tenant's streams.
                    if content.hasLost { dropped.append(.init(labels: Labels(), timestamp: clock())) }
                    return (found.lines, dropped, found.bytes)
                }
            } catch is BlockingPool.Saturated {
                // Every push has work for all tails at once. It waits in the queue meanwhile.
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private func send(_ lines: [TailReader.Line], _ dropped: [TailReader.Dropped], on tail: Tail) async throws {
        var rest = lines[...]
        var dropped = dropped
        while !rest.isEmpty || !dropped.isEmpty {
            let count = Self.count(ofMessage: rest)
            let message = Self.message(rest.prefix(count), dropped, isCategorized: tail.wish.isCategorized)
            try tail.account.reserve(message.count)
            try await tail.socket.send(message)
            tail.account.release(message.count)
            rest = rest.dropFirst(count)
            dropped = []
        }
    }

    /// How many of some lines the next message has.
    private static func count(ofMessage lines: ArraySlice<TailReader.Line>) -> Int {
        var bytes = 0
        for (count, line) in lines.prefix(linesPerMessage).enumerated() {
            if bytes >= bytesPerMessage { return count }
            bytes += line.heldBytes
        }
        return min(lines.count, linesPerMessage)
    }

    /// Lines of one stream that follow each other stand together.
    private static func message(
        _ lines: ArraySlice<TailReader.Line>, _ dropped: [TailReader.Dropped], isCategorized: Bool
    ) -> [UInt8] {
        var streams: [LogStreams.Stream] = []
        for line in lines {
            if streams.last?.labels == line.stream {
                streams[streams.count - 1].entries.append(line.entry)
            } else {
                streams.append(LogStreams.Stream(labels: line.stream, entries: [line.entry]))
            }
        }
        var answer = LogStreams(streams: streams)
        if !isCategorized { answer = answer.merged() }
        var json = JSONWriter()
        json.beginObject()
        json.key("streams")
        QueryReply.streams(answer, categorized: isCategorized, to: &json)
        if isCategorized {
            json.key("encodingFlags")
            json.beginArray()
            json.string("categorize-labels")
            json.endArray()
        }
        if !dropped.isEmpty {
            json.key("dropped_entries")
            json.beginArray()
            for entry in dropped {
                json.beginObject()
                json.key("labels")
                json.labels(entry.labels)
                json.key("timestamp")
                json.string("\(entry.timestamp)")
                json.endObject()
            }
            json.endArray()
        }
        json.endObject()
        return json.bytes
    }
}
