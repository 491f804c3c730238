import HTTPTypes
package import Hummingbird
import MartletCore
import NIOCore
package import Service
import TraceQL
package import TraceStorage
import Wire

/// Tempo's query API over HTTP and, as streams, over gRPC; and Jaeger's below `/jaeger`.
package struct QueryRoutes: Sendable {
    let database: TraceDatabase
    let tenants: TenantRule
    let limits: QueryLimits
    let queries: BlockingPool
    let now: @Sendable () -> UInt64

    /// Routes over the stores of all tenants.
    ///
    /// - Parameters:
    ///   - queries: threads of their own, so that queries hold up no spans.
    ///   - now: Unix nanoseconds.
    package init(
        _ database: TraceDatabase, tenants: TenantRule, limits: QueryLimits, queries: BlockingPool,
        now: @escaping @Sendable () -> UInt64
    ) {
        self.database = database
        self.tenants = tenants
        self.limits = limits
        self.queries = queries
        self.now = now
    }

    /// Paths whose requests are not traced, so that the stack's own traces do not feed themselves.
    package static let untraced = [
        "/api/traces", "/api/v2/traces", "/api/search", "/api/v2/search", "/api/metrics", "/api/echo",
        "/jaeger/api",
    ]

    /// Adds the routes.
    package func register(on router: Router<ServiceContext>) {
        router.get("/api/echo") { _, _ in Self.text("echo") }
        router.get("/api/status/buildinfo") { _, _ in Self.buildInfo() }
        router.get("/api/traces/{id}") { request, context in
            try await answer(request, context) { try trace($0, isV2: false) }
        }
        router.get("/api/v2/traces/{id}") { request, context in
            try await answer(request, context) { try trace($0, isV2: true) }
        }
        router.get("/api/search") { request, context in try await answer(request, context) { try search($0) } }
        router.get("/api/search/tags") { request, context in
            try await answer(request, context) { try tagNames($0, isV2: false) }
        }
        router.get("/api/v2/search/tags") { request, context in
            try await answer(request, context) { try tagNames($0, isV2: true) }
        }
        router.get("/api/search/tag/{name}/values") { request, context in
            try await answer(request, context) { try tagValues($0, isV2: false) }
        }
        router.get("/api/v2/search/tag/{name}/values") { request, context in
            try await answer(request, context) { try tagValues($0, isV2: true) }
        }
        router.get("/api/metrics/query_range") { request, context in
            try await answer(request, context) { try metrics($0, isInstant: false) }
        }
        router.get("/api/metrics/query") { request, context in
            try await answer(request, context) { try metrics($0, isInstant: true) }
        }
        registerJaeger(on: router)
        registerStreams(on: router)
    }

    // MARK: Calls

    /// A request with its parameters and the tenant's spans; no store when the tenant can have none.
    struct Call: Sendable {
        let parameters: QueryParameters
        let store: TenantTraces?
        /// Whether the answer is to be protobuf instead of JSON, where there is such an answer.
        var wantsProtobuf = false
        /// What stands in the path, by name, escapes undone.
        let path: [String: String]
        /// Memory held until the answer was sent.
        let account: RequestAccount
        /// Ends the query when the client goes away.
        let cancellation = QueryCancellation()
    }

    /// Runs a query on its threads.
    func answer(
        _ request: Request, _ context: ServiceContext, _ body: @escaping @Sendable (Call) throws -> Response
    ) async throws -> Response {
        var path: [String: String] = [:]
        for name in ["id", "name"] {
            if let value = context.parameters.get(name) {
                path[name] = QueryParameters.decoded(pathComponent: value)
            }
        }
        let call = Call(
            parameters: QueryParameters(request), store: try store(request, context),
            wantsProtobuf: request.headers[.accept]?.contains("application/protobuf") == true, path: path,
            account: context.account)
        let response = try await run(call, context, body)
        // A connection may have many answers waiting for a client that does not take them.
        if let bytes = response.body.contentLength { try call.account.reserve(bytes) }
        return response
    }

    /// The spans of the tenant that a request names; nil when the tenant can have none.
    func store(_ request: Request, _ context: ServiceContext) throws(HTTPFailure) -> TenantTraces? {
        let header = HTTPField.Name("X-Scope-OrgID").flatMap { request.headers[$0] }
        do throws(TenantRule.Refusal) {
            return database.traces(of: try tenants.tenant(header: header, bound: context.identity.tenant))
        } catch {
            throw HTTPFailure(error.isMissing ? .unauthorized : .badRequest, error.description)
        }
    }

    /// Runs a query on its threads for as long as the client stays.
    func run<Answer: Sendable>(
        _ call: Call, _ context: ServiceContext, _ body: @escaping @Sendable (Call) throws -> Answer
    ) async throws -> Answer {
        do {
            return try await context.whileClientStays { [queries] in
                try await withTaskCancellationHandler {
                    try await queries.run { try body(call) }
                } onCancel: {
                    call.cancellation.cancel()
                }
            }
        } catch let error as TraceStoreError {
            // Only what the object store has can fail to be read, and that may pass.
            throw HTTPFailure.retryLater(.serviceUnavailable, "\(error)", after: 5)
        } catch let error as BlockingPool.Saturated {
            throw HTTPFailure.retryLater(.tooManyRequests, "\(error)")
        }
    }

    // MARK: Answers

    static func json(_ bytes: [UInt8]) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    static func protobuf(_ bytes: [UInt8]) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/protobuf"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// Messages that make one together.
    static func protobuf(_ messages: [[UInt8]]) -> Response { protobuf(Array(messages.joined())) }

    private static func text(_ text: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    private static func buildInfo() -> Response { Self.json(JSONValue.object(BuildVersion.members).bytes) }

    // MARK: Traces by id

    private func trace(_ call: Call, isV2: Bool) throws -> Response {
        let text = call.path["id"] ?? ""
        guard let id = OTLP.TraceID(hex: text) else {
            throw HTTPFailure(.badRequest, "trace id must have 1 to 32 hexadecimal digits, not \"\(text.prefix(64))\"")
        }
        if call.parameters["q"] != nil, isV2 {
            throw HTTPFailure(.badRequest, "the parameter q of a trace by id is not supported")
        }
        _ = try QueryTimes(call.parameters, now: now())
        let found = try call.store?.trace(high: id.high, low: id.low)
        if isV2 {
            if call.wantsProtobuf {
                var writer = ProtoWriter()
                writer.bytes(1, found ?? [])
                return Self.protobuf(writer.bytes)
            }
            return Self.json(try TraceJSON.v2(found ?? []))
        }
        guard let found else { return Response(status: .notFound) }
        return call.wantsProtobuf ? Self.protobuf(found) : Self.json(try TraceJSON.v1(found))
    }
}
