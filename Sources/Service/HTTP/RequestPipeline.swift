import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import MartletCore
import NIOCore
import Tracing
import Wire

/// The way of every request around the router: id, authentication, limits, routing, errors as plain text, compression,
/// metrics and spans.
final class RequestPipeline: Sendable {
    let logger: Logger
    let memory: MemoryBudget
    let blocking: BlockingPool
    let security: WebSecurity
    let builtin: BuiltinEndpoints?
    let metrics: HTTPMetrics
    private let tracer: SpanTracer?
    private let clock = HTTPClock()
    private let phase: Lock<Phase>
    private let prefix = Lock(RoutePrefix())

    /// What answers beside the built-in endpoints.
    struct Routes: Sendable {
        let responder: RouterResponder<ServiceContext>
        let policy: RoutePolicy
    }

    private enum Phase: Sendable {
        case starting
        case serving(Routes)
    }

    init(
        logger: Logger, memory: MemoryBudget, blocking: BlockingPool, security: WebSecurity,
        builtin: BuiltinEndpoints?, metrics: HTTPMetrics,
        tracer: SpanTracer? = nil
    ) {
        self.logger = logger
        self.memory = memory
        self.blocking = blocking
        self.security = security
        self.builtin = builtin
        self.metrics = metrics
        self.tracer = tracer
        phase = Lock(.starting)
    }

    /// From now on requests reach the routes; before, all but the built-in endpoints get 503.
    func serve(_ routes: Routes) {
        phase.withLock { $0 = .serving(routes) }
    }

    /// From now on everything lies below a path.
    func move(below prefix: RoutePrefix) { self.prefix.withLock { $0 = prefix } }

    private var policy: RoutePolicy {
        switch phase.withLock({ $0 }) {
        case .starting: RoutePolicy()
        case .serving(let routes): routes.policy
        }
    }

    /// A request as it has come.
    func arrival(_ original: Request) -> Arrival {
        Arrival(original, below: prefix.withLock { $0 }, policy: policy)
    }

    /// Answers one request on a connection.
    func handle(
        _ arrival: Arrival, writer: consuming ResponseWriter, channel: any Channel, presence: ClientPresence,
        upgrade: ConnectionUpgrade
    ) async throws {
        let began = ContinuousClock.now
        var route: String?
        let (request, policy) = (arrival.request, arrival.policy)
        let trace = trace(of: arrival)
        // What is held for an answer is held until the client has taken it, however slowly.
        let account = RequestAccount(memory)
        defer { withExtendedLifetime(account) {} }
        let id = RequestID.choose(request.headers[HeaderNames.requestID])
        var logger = logger
        logger[metadataKey: "request_id"] = .string(id)
        var response: Response
        // Over gRPC a failure is a status of its own below HTTP's 200; counted is what it is.
        var failure: HTTPFailure?
        do {
            if let misplaced = arrival.misplaced { throw misplaced }
            try Self.checkOrigin(arrival)
            let identity = try await security.authenticator.identify(request.headers[.authorization])
            let source = ServiceContext.Source(
                logger: logger, id: id, identity: identity, peerAddress: channel.remoteAddress,
                presence: presence, upgrade: upgrade, account: account, blocking: blocking,
                isProbe: false)
            try Self.authorise(arrival, identity)
            if request.headers[.expect]?.lowercased() == "100-continue" {
                try await writer.writeInformationalHead(HTTPResponse(status: .continue))
            }
            let answer: Result<Response, HTTPFailure>
            (answer, route) = await InstrumentationContext.$current.withValue(trace?.context) {
                await self.answer(request, source: source)
            }
            if case .failure(let error) = answer { failure = error }
            response = try await ResponseCompression.apply(
                Self.response(answer, to: request), to: request, blocking: blocking)
        } catch {
            let error = self.failure(error, presence, logger: logger)
            failure = error
            response = Self.response(.failure(error), to: request)
        }
        if let crossOrigin = policy.crossOrigin, crossOrigin.covers(request.uri.path) {
            crossOrigin.apply(to: &response, origin: request.headers[.origin])
        }
        response.headers[.date] = clock.date
        response.headers[HeaderNames.requestID] = id
        for field in security.headers where !response.headers.contains(field.name) { response.headers.append(field) }
        if request.method == .head { response = response.createHeadResponse() }
        let (status, size) = (failure?.status.code ?? response.status.code, response.body.contentLength)
        defer {
            metrics.observe(
                route: route, method: request.method, code: status, seconds: began.secondsSoFar, bytes: size)
            trace?.end(route: route, status: status, bytes: size, method: request.method)
        }
        try await writer.write(response: response.head, body: response.body)
    }

    /// The request's span; nil where nothing is traced: built-in endpoints, and routes that say so.
    private func trace(of arrival: Arrival) -> RequestTrace? {
        guard let tracer, arrival.rule.traced, builtin?.route(arrival.request.uri.path) == nil,
            case .serving = phase.withLock({ $0 })
        else { return nil }
        return RequestTrace(arrival.request, tracer: tracer)
    }

    /// The route's answer, or why there is none, with the route's pattern.
    private func answer(
        _ request: Request, source: ServiceContext.Source
    ) async -> (Result<Response, HTTPFailure>, String?) {
        var route: String?
        do {
            return (.success(try await respond(to: request, source: source, route: &route)), route)
        } catch {
            return (.failure(failure(error, source.presence, logger: source.logger)), route)
        }
    }

    /// The answer, or what is said of a failure: a line of text, over gRPC a status.
    private static func response(_ answer: Result<Response, HTTPFailure>, to request: Request) -> Response {
        switch answer {
        case .success(let response): response
        case .failure(let failure) where GRPCCall.isMade(by: request):
            GRPCCall.response { _ in RPCStatus(failure) }
        case .failure(let failure): failure.response()
        }
    }

    /// Refuses what a page of another site makes somebody's browser do: it acts with that person's network, and with what
    /// the browser knows of passwords. What only reads is let through where that site may read.
    private static func checkOrigin(_ arrival: Arrival) throws(HTTPFailure) {
        let request = arrival.request
        switch request.method {
        case .get, .head, .options: return
        default: break
        }
        if arrival.isQueryOfAnotherSite { return }
        guard RequestOrigin.isForeign(request.headers, authority: request.head.authority) else { return }
        throw HTTPFailure(
            .forbidden,
            "a page of another site sent this \(request.method.rawValue) (Origin, Sec-Fetch-Site); such requests are refused"
        )
    }

    private static func authorise(_ arrival: Arrival, _ identity: Identity) throws(HTTPFailure) {
        guard identity.access != .all else { return }
        let needed = arrival.rule.access(for: arrival.request.method)
        guard identity.access.isSuperset(of: needed) else {
            let what = needed == .write ? "write" : "read"
            throw HTTPFailure(.forbidden, "\(identity.name ?? "this client") may not \(what) here")
        }
    }

    private func respond(
        to request: Request, source: ServiceContext.Source, route: inout String?
    ) async throws -> Response {
        if let builtin, let own = builtin.route(request.uri.path) {
            route = own
            try checkLocal(own, builtin, source)
            if own == BuiltinEndpoints.snapshotPath, let tenant = source.identity.tenant {
                throw HTTPFailure(.forbidden, "snapshots hold what all tenants have, not only \(tenant)")
            }
            return try await builtin.respond(to: request)
        }
        guard case .serving(let routes) = phase.withLock({ $0 }) else {
            throw HTTPFailure.retryLater(.serviceUnavailable, "starting")
        }
        if request.method == .options, routes.policy.crossOrigin?.covers(request.uri.path) == true {
            return Response(status: .noContent)
        }
        let context = ServiceContext(source: source)
        defer { route = context.endpointPath == "NotFound" ? nil : context.endpointPath }
        let response = try await routes.responder.respond(to: request, context: context)
        guard context.endpointPath == "NotFound" else { return response }
        throw await unrouted(request, source: source, routes: routes)
    }

    /// A server whose pages ask for a login has none for scrapers and reloads: unless the web configuration lets people
    /// log in, these are for its own machine.
    private func checkLocal(
        _ route: String, _ builtin: BuiltinEndpoints, _ source: ServiceContext.Source
    ) throws(HTTPFailure) {
        guard builtin.isExposedWithoutLogin, BuiltinEndpoints.sensitive.contains(route), !security.authenticates,
            source.peerAddress?.isLoopback != true
        else { return }
        throw HTTPFailure(
            .forbidden,
            "\(route) is answered to this machine only: add users or tokens with --web.config.file, "
                + "or allow everybody with --web.allow-unauthenticated")
    }

    /// 405 with Allow when the path has other methods, else 404.
    private func unrouted(_ request: Request, source: ServiceContext.Source, routes: Routes) async -> HTTPFailure {
        var allowed: [String] = []
        for method in [HTTPRequest.Method.get, .head, .post, .put, .delete, .patch, .options] {
            var head = request.head
            head.method = method
            let probe = ServiceContext.Source(
                logger: source.logger, id: source.id, identity: source.identity, peerAddress: source.peerAddress,
                presence: source.presence, upgrade: source.upgrade, account: source.account,
                blocking: source.blocking, isProbe: true)
            let answer = try? await routes.responder.respond(
                to: Request(head: head, body: RequestBody(buffer: ByteBuffer())), context: ServiceContext(source: probe)
            )
            if answer?.status == .ok { allowed.append(method.rawValue) }
        }
        guard !allowed.isEmpty else { return HTTPFailure(.notFound, "404 page not found") }
        return HTTPFailure(
            .methodNotAllowed, "method \(request.method.rawValue) is not allowed here",
            headers: [.allow: allowed.joined(separator: ", ")])
    }

    private func failure(_ error: any Error, _ presence: ClientPresence, logger: Logger) -> HTTPFailure {
        HTTPFailure(error, isClientGone: presence.isGone, logger: logger)
    }
}

extension HTTPResponse.Status {
    /// nginx' and dskit's code for requests whose client went away; seen in metrics, and by clients that only closed their
    /// sending side.
    static let clientClosedRequest = HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request")
}

extension ContinuousClock.Instant {
    /// Seconds from this instant to now.
    var secondsSoFar: Double {
        let passed = duration(to: .now).components
        return Double(passed.seconds) + Double(passed.attoseconds) * 1e-18
    }
}
