import Compression
import Durable
import HTTPTypes
import Hummingbird
import LogStorage
import Logging
import MartletCore
import NIOCore
import Service
import Wire

/// `POST /loki/api/v1/push` and `POST /otlp/v1/logs`.
///
/// A push is partly accepted: lines that are sound are stored even when the answer names others that are not.
struct PushAPI: Sendable {
    private let store: LogStore
    private let intake: PushIntake
    private let config: LogConfig
    private let limiter: RateLimiter
    private let tails: TailHub
    private let received = ReceivedCounters()
    private let discarded = DiscardedCounters()
    private let clock: @Sendable () -> Int64

    init(store: LogStore, tails: TailHub, config: LogConfig, clock: @escaping @Sendable () -> Int64) {
        self.store = store
        self.tails = tails
        self.config = config
        self.clock = clock
        intake = PushIntake(limits: config.limits, rules: config.otlp, clock: clock)
        limiter = RateLimiter(rate: config.limits.ingestionRate, burst: config.limits.ingestionBurst)
    }

    func add(to router: Router<ServiceContext>) {
        for path in ["/loki/api/v1/push", "/api/prom/push"] {
            router.post("\(path)") { request, context in try await push(request, context) }
        }
        router.post("/otlp/v1/logs") { request, context in await export(request, context) }
    }

    // MARK: Loki

    private func push(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let tenant = try TenantName.of(request, context, isEnabled: config.isAuthEnabled, single: LogsServer.tenant)
            .name
        let isJSON = request.mediaType == "application/json"
        let isSnappy = !isJSON || request.headers[.contentEncoding]?.lowercased() == "snappy"
        let body = try await requestBody(request, context, limit: config.maxPushBytes)
        let outcome: PushOutcome
        do {
            outcome = try await context.blocking.run {
                let bytes = try body.withUnsafeReadableBytes { try payload($0, isSnappy: isSnappy, context.account) }
                let limits = DecodeLimits(memory: 3 * bytes.count + (64 << 10))
                try context.account.reserve(limits.memory + bytes.count)
                let push =
                    isJSON
                    ? try LokiPush.PushRequest(json: bytes, limits: limits)
                    : try LokiPush.PushRequest(protobuf: bytes, limits: limits)
                if push.streams.isEmpty { return PushOutcome(capacity: 0) }
                return try take(tenant, size: bytes.count, lines: push.entries.count) {
                    admits throws(LogStorageError) in
                    // Protobuf is always snappy here: what other encodings there were, the body has come out of.
                    if !isJSON,
                        let outcome = body.withUnsafeReadableBytes({
                            intake.asSent(push, body: $0, tenant: tenant, admits: admits)
                        })
                    {
                        return outcome
                    }
                    return try intake.outcome(push, tenant: tenant, admits: admits)
                }
            }
        } catch {
            throw Self.failure(error)
        }
        if outcome.streams == 0 {
            throw HTTPFailure(.unprocessableContent, "error at least one valid stream is required for ingestion")
        }
        guard outcome.problems.isEmpty else {
            throw outcome.isRateLimited
                ? HTTPFailure.retryLater(.tooManyRequests, outcome.message) : HTTPFailure(.badRequest, outcome.message)
        }
        return Response(status: .noContent)
    }

    /// The body without its snappy. Its bytes count against the memory budget before they are there.
    private func payload(
        _ body: UnsafeRawBufferPointer, isSnappy: Bool, _ account: RequestAccount
    ) throws -> [UInt8] {
        guard isSnappy else {
            try account.reserve(body.count)
            return [UInt8](body)
        }
        do {
            return try Snappy.decompress(body, limit: config.maxPushBytes, reserving: { account.tryReserve($0) })
        } catch CompressionError.noMemory {
            throw account.exhausted
        }
    }

    /// Checks the rate, stores what `outcome` takes, counts. Blocks.
    private func take(
        _ tenant: String, size: Int, lines: Int,
        _ outcome: ((Labels) -> Bool) throws(LogStorageError) -> PushOutcome
    ) throws -> PushOutcome {
        guard limiter.allows(size, tenant: tenant, now: clock()) else {
            countDiscarded([.rateLimited: (lines, size)], tenant)
            let key = limiter.canPass(size) ? "ingestion_rate_mb" : "ingestion_burst_size_mb"
            throw HTTPFailure.retryLater(
                .tooManyRequests,
                "ingestion rate limit exceeded for user \(tenant) (limit: \(config.limits.ingestionRate) bytes/sec) while attempting to "
                    + "ingest '\(lines)' lines totaling '\(size)' bytes, reduce log volume or raise limits_config.\(key)"
            )
        }
        let result: PushOutcome
        do {
            result = try store.push(to: tenant, streamLimit: streamLimit(tenant, lines: lines)) { push in
                let result = try outcome { push.admits($0) }
                try push.append(result.record)
                return result
            }
        } catch let error as LogStorageError {
            if case .tooManyTenants = error { countDiscarded([.tenantLimit: (lines, size)], "") }
            throw error
        }
        received.add(lines: result.record.entryCount, bytes: result.record.rawBytes, tenant: tenant)
        tails.publish(result.record, tenant: tenant)
        countDiscarded(result.discarded, tenant)
        return result
    }

    /// What a stream may cost until its lines are gone, most of it while files are merged, at a start, and in a query about all.
    private static let bytesPerStream = 2048

    /// The limit on a tenant's streams: the configured one, else what memory bears; 0 where a push of so many lines does not
    /// come near it, so that its streams need not be looked up.
    private func streamLimit(_ tenant: String, lines: Int) -> Int {
        if config.limits.maxStreams > 0 { return config.limits.maxStreams }
        let bearable = max(1, store.queryBudget.limit / Self.bytesPerStream)
        return store.streamCount(tenant: tenant) + lines > bearable ? bearable : 0
    }

    private func countDiscarded(_ discarded: DiscardedCounters.Amounts, _ tenant: String) {
        self.discarded.add(discarded, tenant: tenant, isStored: store.streamCount(tenant: tenant) > 0)
    }

    private static func failure(_ error: any Error) -> any Error {
        switch error {
        case let error as WireError:
            if case .tooLarge = error {
                HTTPFailure(.contentTooLarge, "\(error); send fewer lines at a time")
            } else {
                HTTPFailure(.badRequest, "\(error)")
            }
        case CompressionError.tooLarge(let limit):
            HTTPFailure(.contentTooLarge, "the push exceeds the limit of \(limit) bytes when it is decompressed")
        case let error as CompressionError:
            HTTPFailure(
                .badRequest,
                "the body is not snappy: \(error); a JSON push needs the header Content-Type: application/json")
        case let error as DurableError where error.code == .noSpace:
            HTTPFailure.retryLater(.serviceUnavailable, "the disk that holds the logs is full: \(error)", after: 30)
        case LogStorageError.tooManyTenants: HTTPFailure.retryLater(.tooManyRequests, "\(error)", after: 60)
        case LogStorageError.recordTooLarge: HTTPFailure(.contentTooLarge, "\(error)")
        case let error as LogStorageError where error.isTemporary:
            HTTPFailure.retryLater(.serviceUnavailable, "\(error)", after: 5)
        default: error
        }
    }

    // MARK: OTLP

    private func export(_ request: Request, _ context: ServiceContext) async -> Response {
        let isJSON = request.mediaType == "application/json"
        do {
            let tenant = try TenantName.of(request, context, isEnabled: config.isAuthEnabled, single: LogsServer.tenant)
                .name
            let body = try await requestBody(request, context, limit: config.maxPushBytes)
            let outcome = try await context.blocking.run {
                let bytes = try body.withUnsafeReadableBytes { try payload($0, isSnappy: false, context.account) }
                // A decoded record takes several times its bytes.
                let limits = DecodeLimits(memory: min(512 << 20, 8 * bytes.count + (1 << 20)))
                try context.account.reserve(limits.memory)
                let logs =
                    isJSON
                    ? try OTLP.Logs(json: bytes, limits: limits) : try OTLP.Logs(protobuf: bytes, limits: limits)
                if logs.count == 0 { return PushOutcome(capacity: 0) }
                return try take(tenant, size: bytes.count, lines: logs.count) { admits throws(LogStorageError) in
                    try intake.outcome(logs, tenant: tenant, admits: admits)
                }
            }
            if outcome.isRateLimited, outcome.record.isEmpty {
                throw HTTPFailure.retryLater(.tooManyRequests, outcome.message)
            }
            let partial = OTLP.PartialSuccess(rejected: Int64(outcome.discardedLines), message: outcome.message)
            let answer = OTLP.ExportResponse(.logs, partial)
            return Self.reply(.ok, isJSON ? answer.json() : answer.protobuf(), isJSON: isJSON)
        } catch {
            return Self.refusal(Self.failure(error), isJSON: isJSON, context)
        }
    }

    /// OTLP clients expect a `google.rpc.Status`; a 500 would lose the data, so it becomes a 503.
    private static func refusal(_ error: any Error, isJSON: Bool, _ context: ServiceContext) -> Response {
        var failure =
            error as? HTTPFailure
            ?? HTTPFailure.retryLater(
                .serviceUnavailable, "storing the logs failed; the server's log says why", after: 5)
        if !(error is HTTPFailure) { context.logger.error("storing logs failed", metadata: ["error": "\(error)"]) }
        if failure.status.code == 429 || failure.status.code == 503, failure.headers[.retryAfter] == nil {
            failure.headers[.retryAfter] = "5"
        }
        let code: RPCStatus.Code =
            switch failure.status.code {
            case 401: .unauthenticated
            case 403: .permissionDenied
            case 413, 429: .resourceExhausted
            case 503: .unavailable
            default: .invalidArgument
            }
        let status = RPCStatus(code, failure.message)
        var response = reply(failure.status, isJSON ? status.json() : status.protobuf(), isJSON: isJSON)
        for field in failure.headers { response.headers[field.name] = field.value }
        return response
    }

    private static func reply(_ status: HTTPResponse.Status, _ body: [UInt8], isJSON: Bool) -> Response {
        Response(
            status: status, headers: [.contentType: isJSON ? "application/json" : "application/x-protobuf"],
            body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }
}
