import HTTPTypes
import Hummingbird
import LogQL
import LogStorage
import MartletCore
import NIOCore
import Service

/// Loki's query endpoints.
struct QueryAPI: Sendable {
    private let store: LogStore
    private let config: LogConfig
    private let queries: BlockingPool
    private let clock: @Sendable () -> Int64

    init(store: LogStore, config: LogConfig, queries: BlockingPool, clock: @escaping @Sendable () -> Int64) {
        self.store = store
        self.config = config
        self.queries = queries
        self.clock = clock
    }

    /// Paths for reading, POST included.
    static let paths = [
        "/loki/api/v1/query_range", "/loki/api/v1/query", "/loki/api/v1/labels", "/loki/api/v1/label",
        "/loki/api/v1/series",
        "/loki/api/v1/index/stats", "/loki/api/v1/index/volume", "/loki/api/v1/detected_labels",
    ]

    func add(to router: Router<ServiceContext>) {
        let catalog = CatalogAPI(store: store, config: config, queries: queries)
        add("/loki/api/v1/query_range", to: router) { try await range($0) }
        add("/loki/api/v1/query", to: router) { try await instant($0) }
        add("/loki/api/v1/labels", to: router) { try await catalog.labelNames($0) }
        add("/loki/api/v1/label", to: router) { try await catalog.labelNames($0) }
        add("/loki/api/v1/label/{name}/values", to: router) { try await catalog.labelValues($0) }
        add("/loki/api/v1/series", to: router) { try await catalog.series($0) }
        add("/loki/api/v1/index/stats", to: router) { try await catalog.stats($0) }
        add("/loki/api/v1/index/volume", to: router) { try await catalog.volume($0) }
        add("/loki/api/v1/detected_labels", to: router) { try await catalog.detectedLabels($0) }
        router.get("/loki/api/v1/status/buildinfo") { _, _ in Self.buildInfo() }
    }

    /// One request's tenant and parameters.
    struct Call: Sendable {
        let request: Request
        let context: ServiceContext
        let tenant: String
        let form: FormParameters
        let now: Int64

        var parameters: QueryParameters { QueryParameters(form, now: now) }
        /// The selector in `query`, if there is one.
        var selector: [String] { form["query"].map { [$0] } ?? [] }
    }

    private func add(
        _ path: String, to router: Router<ServiceContext>, _ body: @escaping @Sendable (Call) async throws -> Response
    ) {
        let handler: @Sendable (Request, ServiceContext) async throws -> Response = { request, context in
            let tenant = try TenantName.of(request, context, isEnabled: config.isAuthEnabled).name
            let form = try await FormParameters(request, context)
            return try await body(Call(request: request, context: context, tenant: tenant, form: form, now: clock()))
        }
        router.get("\(path)", use: handler)
        router.post("\(path)", use: handler)
    }

    // MARK: Queries

    private func range(_ call: Call) async throws -> Response {
        let parameters = call.parameters
        var (start, end) = try parameters.range()
        let step = try parameters.step(start: start, end: end)
        let interval = try parameters.interval()
        let limit = try parameters.limit()
        let direction = try parameters.direction()
        guard (end - start) / step <= 11_000 else {
            throw HTTPFailure(
                .badRequest,
                "exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter"
            )
        }
        let expression = try await parse(call)
        try checkLength(start, end)
        if case .log(let log) = expression {
            guard limit <= config.limits.maxEntriesPerQuery || config.limits.maxEntriesPerQuery == 0 else {
                throw HTTPFailure(
                    .badRequest,
                    "max entries limit per query exceeded, limit > max_entries_limit_per_query (\(limit) > \(config.limits.maxEntriesPerQuery))"
                )
            }
            let (from, to) = (start, end)
            let flags = Self.encodingFlags(call.request)
            return try await run(call) { engine, context in
                var streams = try engine.logs(
                    log, start: from, end: to, limit: limit, direction: direction, interval: interval, context: context)
                let categorized = flags.contains("categorize-labels")
                if !categorized { streams = streams.merged() }
                // The answer is written out before it is sent.
                try context.hold(streams.byteCount)
                return QueryReply.query("streams", context: context, entries: streams.entryCount, flags: flags) {
                    QueryReply.streams(streams, categorized: categorized, to: &$0)
                }
            }
        }
        // As Loki's query frontend does: what is drawn side by side has points at the same times.
        start = Self.floored(start, step)
        let floor = Self.floored(end, step)
        if floor < end { end = floor + step }
        let (from, to) = (start, end)
        return try await run(call) { engine, context in
            let matrix = try engine.matrix(expression, start: from, end: to, step: step, context: context)
            return QueryReply.query("matrix", context: context) {
                QueryReply.series(matrix, start: from, step: step, isVector: false, to: &$0)
            }
        }
    }

    private func instant(_ call: Call) async throws -> Response {
        let parameters = call.parameters
        let time = try parameters.instant()
        let expression = try await parse(call)
        if expression.isLog {
            throw HTTPFailure(
                .badRequest,
                "log queries are not supported as an instant query type, please change your query to a range query type"
            )
        }
        return try await run(call) { engine, context in
            if case .number(let number) = expression {
                return QueryReply.query("scalar", context: context) { QueryReply.sample(time, number, to: &$0) }
            }
            let matrix = try engine.matrix(expression, start: time, end: time, step: 1, context: context)
            return QueryReply.query("vector", context: context) {
                QueryReply.series(matrix, start: time, step: 0, isVector: true, to: &$0)
            }
        }
    }

    private static func floored(_ time: Int64, _ step: Int64) -> Int64 {
        let rest = time % step
        return time - (rest < 0 ? rest + step : rest)
    }

    private func checkLength(_ start: Int64, _ end: Int64) throws {
        let limit = config.limits.maxQueryLength
        guard limit > 0, end - start > limit else { return }
        throw HTTPFailure(
            .badRequest,
            "the query time range exceeds the limit (query length: \(GoDuration.format(end - start)), limit: \(GoDuration.format(limit)))"
        )
    }

    /// Parses the query off the event loops: its regular expressions may take a while to compile.
    private func parse(_ call: Call) async throws -> QueryExpression {
        let text = call.form["query"] ?? ""
        return try await queries.run {
            do throws(LogQueryError) {
                return try QueryExpression(parsing: text)
            } catch {
                throw Self.failure(error)
            }
        }
    }

    private static func encodingFlags(_ request: Request) -> [String] {
        guard let name = HTTPField.Name("X-Loki-Response-Encoding-Flags"), let field = request.headers[name] else {
            return []
        }
        return field.split(separator: ",").map { $0.filter { $0 != " " } }.filter { $0 == "categorize-labels" }
    }

    /// Runs a query on a thread for such work; a client that goes away stops it.
    private func run(
        _ call: Call, _ body: @escaping @Sendable (LogEngine, LogQueryContext) throws -> Response
    ) async throws -> Response {
        let context = LogQueryContext(
            timeoutSeconds: config.limits.queryTimeout, memoryLimit: store.queryMemory, budget: store.queryBudget)
        var limits = LogEngine.Limits()
        limits.maxSeries = config.limits.maxQuerySeries
        let engine = LogEngine(store.source(tenant: call.tenant) ?? EmptySource(), limits: limits)
        return try await call.context.whileClientStays { [queries] in
            try await withTaskCancellationHandler {
                try await queries.run {
                    do {
                        return try body(engine, context)
                    } catch let error as LogQueryError {
                        throw Self.failure(error)
                    }
                }
            } onCancel: {
                context.cancel()
            }
        }
    }

    /// The answer to a query that failed.
    static func failure(_ error: LogQueryError) -> HTTPFailure {
        let status: HTTPResponse.Status =
            switch error.kind {
            case .badQuery, .limit, .pipeline: .badRequest
            case .canceled: HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request")
            case .timeout: .gatewayTimeout
            case .storage: .internalServerError
            }
        return HTTPFailure(status, error.message)
    }

    private static func buildInfo() -> Response {
        var json = JSONWriter()
        json.beginObject()
        for (key, value) in [
            ("version", BuildVersion.number), ("revision", ""), ("branch", ""), ("buildDate", ""), ("buildUser", ""),
            ("goVersion", ""),
        ] {
            json.key(key)
            json.string(value)
        }
        json.endObject()
        return QueryReply.json(json.bytes)
    }
}
