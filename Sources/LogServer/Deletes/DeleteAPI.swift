import HTTPTypes
import Hummingbird
import LogQL
import MartletCore
import Service

/// `/loki/api/v1/delete`: lines that are to be gone, in Loki's words.
struct DeleteAPI: Sendable {
    static let path = "/loki/api/v1/delete"

    private let requests: DeleteRequests
    private let config: LogConfig
    /// Unix nanoseconds.
    private let clock: @Sendable () -> Int64

    init(requests: DeleteRequests, config: LogConfig, clock: @escaping @Sendable () -> Int64) {
        self.requests = requests
        self.config = config
        self.clock = clock
    }

    func add(to router: Router<ServiceContext>) {
        router.post("\(Self.path)") { try await create($0, $1) }
        router.put("\(Self.path)") { try await create($0, $1) }
        router.get("\(Self.path)") { try list($0, $1) }
        router.delete("\(Self.path)") { try await cancel($0, $1) }
    }

    private var nowMs: Int64 { clock() / 1_000_000 }

    private func tenant(_ request: Request, _ context: ServiceContext) throws -> String {
        guard config.limits.allowsDeletes else {
            throw HTTPFailure(.forbidden, "deletion is not available for this tenant")
        }
        return try TenantName.of(request, context, isEnabled: config.isAuthEnabled, single: LogsServer.tenant).name
    }

    private func create(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let tenant = try tenant(request, context)
        let parameters = FormParameters(query: request.uri.query ?? "")
        guard let query = parameters["query"] else { throw HTTPFailure(.badRequest, "query not set") }
        guard let startText = parameters["start"] else { throw HTTPFailure(.badRequest, "start time not set") }
        let start = try Self.time(startText, "start")
        let now = nowMs
        let end = try parameters["end"].map { try Self.time($0, "end") } ?? now
        guard end <= now else { throw HTTPFailure(.badRequest, "deletes in the future are not allowed") }
        guard start < end else {
            throw HTTPFailure(.badRequest, "start time can't be greater than or equal to end time")
        }
        let interval = parameters["max_interval"]
        let id = Self.identifier()
        let wanted = DeleteRequest(id: id, query: query, start: start, end: end, created: now)
        let added = try await context.blocking.run { [requests] in
            do {
                let deletion = try wanted.deletion()
                if let interval, deletion.expression.choosesLines { try Self.checkInterval(interval, end - start) }
                return try requests.add(wanted, deletion, tenant: tenant)
            } catch let error as LogQueryError {
                throw QueryAPI.failure(error)
            }
        }
        switch added {
        case .added: break
        case .tooMany:
            throw HTTPFailure(
                .tooManyRequests,
                "a tenant may have \(DeleteRequests.maxPerTenant) delete requests of \(DeleteRequests.maxBytes >> 20) MiB in all; "
                    + "cancel some, or wait until they are forgotten")
        case .tooManyTenants(let limit):
            throw HTTPFailure(
                .tooManyRequests,
                "\(limit) other tenants have delete requests, which is the limit; raise \(TenantOptions.key)")
        }
        var response = Response(status: .noContent)
        if let name = HTTPField.Name("X-Delete-Request-ID") { response.headers[name] = id }
        return response
    }

    /// Lines are gone at once here, so that there is nothing to cut into intervals; what Loki refuses is refused all the same:
    /// it cuts only requests that choose among a stream's lines.
    private static func checkInterval(_ text: String, _ length: Int64) throws {
        guard let interval = try? GoDuration.parse(text), interval >= 1_000_000_000 else {
            throw HTTPFailure(.badRequest, "invalid max_interval: valid time units are 's', 'm', 'h'")
        }
        let whole = DeleteRequest.nanoseconds(length)
        guard interval <= whole else {
            throw HTTPFailure(
                .badRequest,
                "max_interval can't be greater than the interval to be deleted (\(GoDuration.format(whole)))")
        }
    }

    private func list(_ request: Request, _ context: ServiceContext) throws -> Response {
        let tenant = try tenant(request, context)
        let parameters = FormParameters(query: request.uri.query ?? "")
        var range = Int64.min...Int64.max
        if let start = parameters["start"], let end = parameters["end"] {
            let (from, to) = (try Self.time(start, "start"), try Self.time(end, "end"))
            range = from...max(from, to)
        }
        var json = JSONWriter()
        json.beginArray()
        for request in requests.requests(tenant) where range.overlaps(request.start...request.end) {
            request.json.write(to: &json)
        }
        json.endArray()
        return QueryReply.json(json.bytes)
    }

    private func isPastCancelling(_ request: DeleteRequest) -> Bool {
        request.created < nowMs - config.deleteCancelPeriod
    }

    private func cancel(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let tenant = try tenant(request, context)
        let parameters = FormParameters(query: request.uri.query ?? "")
        let id = parameters["request_id"] ?? ""
        guard let wanted = requests.requests(tenant).first(where: { $0.id == id }) else {
            throw HTTPFailure(.notFound, "could not find delete request with given id")
        }
        guard !wanted.isProcessed else {
            throw HTTPFailure(
                .badRequest, "deletion of request which is in process or already processed is not allowed")
        }
        guard !isPastCancelling(wanted) || parameters["force"] == "true" else {
            throw HTTPFailure(
                .badRequest,
                "Cancellation of partially completed delete request or delete request past the deadline of "
                    + "\(GoDuration.format(config.deleteCancelPeriod * 1_000_000)) since its creation is not allowed. To force, use the ?force query parameter"
            )
        }
        try await context.blocking.run { [requests] in try requests.cancel(id, tenant: tenant) }
        return Response(status: .noContent)
    }

    /// Ten digits of Unix seconds, or RFC 3339; in milliseconds.
    private static func time(_ text: String, _ name: String) throws -> Int64 {
        if text.utf8.count == 10, let seconds = Int64(text) { return seconds * 1000 }
        guard let time = RFC3339.parse(text) else {
            throw HTTPFailure(.badRequest, "invalid \(name) time: require unix seconds or RFC3339 format")
        }
        return time.unixMilliseconds
    }

    /// Eight hexadecimal digits, as Loki's.
    private static func identifier() -> String {
        Hex.text(UInt32.random(in: .min ... .max))
    }
}
