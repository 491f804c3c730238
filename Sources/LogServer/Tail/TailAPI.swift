import HTTPTypes
import Hummingbird
import LogQL
import MartletCore
import Service

/// `/loki/api/v1/tail`: lines as they arrive, over a WebSocket.
struct TailAPI: Sendable {
    static let paths = ["/loki/api/v1/tail", "/api/prom/tail"]
    /// Lines that a message has at most.
    private static let linesPerMessage = 100
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
        return try WebSocket.answer(request, context) { socket in
            defer { place.leave() }
            do {
                try await talk(on: socket, wish, place.queue, reader)
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
        guard limit <= config.limits.maxEntriesPerQuery || config.limits.maxEntriesPerQuery == 0 else {
            throw HTTPFailure(
                .badRequest,
                "max entries limit per query exceeded, limit > max_entries_limit_per_query (\(limit) > \(config.limits.maxEntriesPerQuery))"
            )
        }
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

    private func talk(
        on socket: WebSocket, _ wish: Wish, _ queue: TailQueue, _ reader: TailReader
    ) async throws {
        let history = try await history(wish)
        reader.remember(history)
        let old = history.streams.flatMap { stream in
            stream.entries.map { TailReader.Line(stream: stream.labels, entry: $0) }
        }
        try await send(old.sorted { $0.entry.timestamp < $1.entry.timestamp }, [], wish, on: socket)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    try await Task.sleep(for: .seconds(1))
                    try await socket.ping()
                }
            }
            group.addTask { try await follow(on: socket, wish, queue, reader) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func history(_ wish: Wish) async throws -> LogStreams {
        let context = sources.context(timeoutSeconds: config.limits.queryTimeout)
        let engine = LogEngine(sources.source(wish.tenants))
        let end = clock() + config.limits.creationGracePeriod
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

    private func follow(
        on socket: WebSocket, _ wish: Wish, _ queue: TailQueue, _ reader: TailReader
    ) async throws {
        var waiting: [TailReader.Line] = []
        for await _ in queue.arrivals {
            let (records, lost) = queue.take()
            let (lines, dropped) = try await queries.run {
                (try reader.lines(records), try reader.places(lost, limit: Self.linesPerMessage))
            }
            waiting += lines
            if wish.delay > 0 {
                // What arrives in the meantime may belong before it.
                try await Task.sleep(for: .nanoseconds(wish.delay))
                let (later, lostLater) = queue.take()
                let more = try await queries.run {
                    (try reader.lines(later), try reader.places(lostLater, limit: Self.linesPerMessage))
                }
                waiting = (waiting + more.0).sorted { $0.entry.timestamp < $1.entry.timestamp }
                try await send(waiting, dropped + more.1, wish, on: socket)
            } else {
                try await send(waiting, dropped, wish, on: socket)
            }
            waiting = []
        }
    }

    private func send(
        _ lines: [TailReader.Line], _ dropped: [TailReader.Dropped], _ wish: Wish, on socket: WebSocket
    ) async throws {
        var start = 0
        var dropped = dropped
        while start < lines.count || !dropped.isEmpty {
            let end = min(lines.count, start + Self.linesPerMessage)
            try await socket.send(Self.message(lines[start..<end], dropped, isCategorized: wish.isCategorized))
            start = end
            dropped = []
        }
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
