import HTTPTypes
import Hummingbird
import LogQL
import MartletCore
import NIOCore
import Service

/// Loki's query endpoints.
struct QueryAPI: Sendable {
    private let sources: TenantSources
    let config: LogConfig
    private let queries: BlockingPool
    private let clock: @Sendable () -> Int64

    init(
        sources: TenantSources, config: LogConfig, queries: BlockingPool, clock: @escaping @Sendable () -> Int64
    ) {
        self.sources = sources
        self.config = config
        self.queries = queries
        self.clock = clock
    }

    /// Paths for reading, POST included.
    static let paths = [
        "/loki/api/v1/query_range", "/loki/api/v1/query", "/loki/api/v1/labels", "/loki/api/v1/label",
        "/loki/api/v1/series",
        "/loki/api/v1/index/stats", "/loki/api/v1/index/volume", "/loki/api/v1/detected_labels",
        "/loki/api/v1/detected_fields", "/loki/api/v1/detected_field", "/loki/api/v1/index/volume_range",
        "/loki/api/v1/patterns", "/loki/api/v1/format_query", drilldownLimits,
    ]

    private static let drilldownLimits = "/loki/api/v1/drilldown-limits"

    func add(to router: Router<ServiceContext>) {
        let catalog = CatalogAPI(sources: sources, config: config, queries: queries)
        add("/loki/api/v1/query_range", to: router) { try await range($0) }
        add("/loki/api/v1/query", to: router) { try await instant($0) }
        add("/loki/api/v1/labels", to: router) { try await catalog.labelNames($0) }
        add("/loki/api/v1/label", to: router) { try await catalog.labelNames($0) }
        add("/loki/api/v1/label/{name}/values", to: router) { try await catalog.labelValues($0) }
        add("/loki/api/v1/series", to: router) { try await catalog.series($0) }
        add("/loki/api/v1/index/stats", to: router) { try await catalog.stats($0) }
        add("/loki/api/v1/index/volume", to: router) { try await catalog.volume($0) }
        add("/loki/api/v1/index/volume_range", to: router) { try await catalog.volumeRange($0) }
        let analysis = AnalysisAPI(catalog: catalog)
        add("/loki/api/v1/patterns", to: router) { try await analysis.patterns($0) }
        add("/loki/api/v1/detected_fields", to: router) { try await analysis.fields($0) }
        add("/loki/api/v1/detected_field/{name}/values", to: router) { try await analysis.values($0) }
        add("/loki/api/v1/detected_labels", to: router) { try await catalog.detectedLabels($0) }
        add("/loki/api/v1/format_query", to: router) { try await format($0) }
        router.get("/config") { [config] _, _ in Self.yaml(config.yaml) }
        router.get("/config/tenant/v1/limits") { [config] request, context in
            _ = try TenantName.of(request, context, isEnabled: config.isAuthEnabled, single: LogsServer.tenant)
            return Self.yaml(config.limits.yaml.joined(separator: "\n") + "\n")
        }
        router.get("\(Self.drilldownLimits)") { [config] request, context in
            _ = try TenantName.of(request, context, isEnabled: config.isAuthEnabled, single: LogsServer.tenant)
            return DrilldownLimits.response(config.limits)
        }
        router.get("/loki/api/v1/status/buildinfo") { _, _ in Self.buildInfo() }
    }

    /// One request's tenants and parameters.
    struct Call: Sendable {
        let request: Request
        let context: ServiceContext
        /// By name; one at least.
        let tenants: [String]
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
            let tenants = try TenantName.all(
                of: request, context, isEnabled: config.isAuthEnabled, single: LogsServer.tenant,
                mayBeSeveral: config.queriesSeveralTenants
            ).map(\.name)
            let form = try await FormParameters(request, context)
            let response = try await body(
                Call(request: request, context: context, tenants: tenants, form: form, now: clock()))
            // What the query held is given back by now; its answer stays until the client has taken it.
            if let bytes = response.body.contentLength { try context.account.reserve(bytes) }
            return response
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
        let cursor = try parameters.cursor()
        try Self.checkResolution(start, end, step)
        let expression = try await parse(call)
        try checkLength(start, end)
        if case .log(let log) = expression {
            // The end is exclusive, but a moment has lines too.
            let query = LineQuery(
                expression: log, start: start, end: max(end, start + 1), direction: direction, interval: interval,
                cursor: cursor ?? nil, isPaged: cursor != nil)
            return try await lines(call, query, limit: limit)
        }
        if config.alignsQueriesWithStep {
            // What is drawn side by side has points at the same times.
            start = Self.floored(start, step)
            let floor = Self.floored(end, step)
            if floor < end { end = floor + step }
        }
        let (from, to) = (start, end)
        return try await run(call) { engine, context in
            let matrix = try engine.matrix(expression, start: from, end: to, step: step, context: context)
            // The answer is written out before it is sent.
            try context.hold(matrix.columns.reduce(0) { $0 + $1.count } * QueryReply.sampleBytes)
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
                return QueryReply.query("scalar", context: context) {
                    QueryReply.sample(time, number, to: &$0)
                }
            }
            let matrix = try engine.matrix(expression, start: time, end: time, step: 1, context: context)
            return QueryReply.query("vector", context: context) {
                QueryReply.series(matrix, start: time, step: 0, isVector: true, to: &$0)
            }
        }
    }

    /// The query as it is laid out; what is none is an error in JSON, unlike elsewhere.
    private func format(_ call: Call) async throws -> Response {
        let text = call.form["query"] ?? ""
        return try await queries.run {
            var json = JSONWriter()
            json.beginObject()
            var status = HTTPResponse.Status.ok
            do throws(LogQueryError) {
                let pretty = try QueryExpression(parsing: text).pretty
                json.key("status")
                json.string("success")
                json.key("data")
                json.string(pretty)
            } catch {
                status = .badRequest
                json.key("status")
                json.string("invalid-query")
                json.key("error")
                json.string(error.message)
            }
            json.endObject()
            var response = QueryReply.json(json.bytes)
            response.status = status
            return response
        }
    }

    private static func floored(_ time: Int64, _ step: Int64) -> Int64 {
        let rest = time % step
        return time - (rest < 0 ? rest + step : rest)
    }

    /// Refuses a step that gives too many points.
    static func checkResolution(_ start: Int64, _ end: Int64, _ step: Int64) throws {
        guard (end - start) / step <= 11_000 else {
            throw HTTPFailure(
                .badRequest,
                "exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter"
            )
        }
    }

    private func checkLength(_ start: Int64, _ end: Int64) throws {
        let limit = config.limits.maxQueryLength
        guard limit > 0, end - start > limit else { return }
        throw HTTPFailure(
            .badRequest,
            "the query time range exceeds the limit (query length: \(GoDuration.format(end - start)), limit: \(PrometheusDuration.format(limit / 1_000_000)))"
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

    static func encodingFlags(_ request: Request) -> [String] {
        guard let name = HTTPField.Name("X-Loki-Response-Encoding-Flags"), let field = request.headers[name] else {
            return []
        }
        return field.split(separator: ",").map { $0.filter { $0 != " " } }.filter { $0 == "categorize-labels" }
    }

    /// Runs a query on a thread for such work; a client that goes away stops it.
    func run<Result: Sendable>(
        _ call: Call, _ body: @escaping @Sendable (LogEngine, LogQueryContext) throws -> Result
    ) async throws -> Result {
        let context = sources.context(timeoutSeconds: config.limits.queryTimeout)
        var limits = LogEngine.Limits()
        limits.maxSeries = config.limits.maxQuerySeries
        let engine = LogEngine(sources.source(call.tenants), limits: limits)
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

    private static func yaml(_ text: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/yaml; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    private static func buildInfo() -> Response { QueryReply.json(JSONValue.object(BuildVersion.members).bytes) }
}
