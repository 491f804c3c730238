import Logging
import Metrics
import Service
import Wire

/// What all transports do with a request once its body is there: hand it to the sink, as OTLP whatever it was, count, log
/// what is the receiver's own fault, and say what to answer.
struct OTLPExchange: Sendable {
    private let sink: any OTLPSink
    let limits: OTLPReceiverLimits
    private let logger: Logger
    private let counts: [OTLP.Signal: Counts]

    private struct Counts: Sendable {
        let accepted: Counter
        let refused: Counter
        let bytes: Counter

        init(_ signal: OTLP.Signal, _ transport: String) {
            let dimensions = [("signal", signal.rawValue), ("transport", transport)]
            accepted = Counter(
                label: "martlet_otlp_receiver_requests_total", dimensions: dimensions + [("outcome", "accepted")])
            refused = Counter(
                label: "martlet_otlp_receiver_requests_total", dimensions: dimensions + [("outcome", "refused")])
            bytes = Counter(label: "martlet_otlp_receiver_received_bytes_total", dimensions: dimensions)
        }
    }

    /// - Parameters:
    ///   - signals: what may arrive.
    ///   - transport: tells the counts apart.
    init(
        _ sink: any OTLPSink, limits: OTLPReceiverLimits, signals: [OTLP.Signal] = OTLP.Signal.allCases,
        transport: String, logger: Logger
    ) {
        self.sink = sink
        self.limits = limits
        self.logger = logger
        counts = Dictionary(uniqueKeysWithValues: signals.map { ($0, Counts($0, transport)) })
    }

    /// The response to a body of `signal`, or why it is refused.
    func respond(
        _ signal: OTLP.Signal, _ body: [UInt8], json: Bool, tenant: String?, identity: Identity
    ) async -> Result<OTLP.ExportResponse, OTLPRefusal> {
        counts[signal]?.bytes.increment(by: body.count)
        do {
            guard body.count <= limits.requestBytes else { throw limits.tooLarge(body.count) }
            return .success(try await deliver(signal, body, json, tenant, identity))
        } catch {
            return .failure(refusal(signal, error))
        }
    }

    /// The same for spans in another format. They become OTLP on the blocking threads and go on as such.
    ///
    /// - Parameter account: pays for what they are decoded and translated into.
    func respond(
        _ format: SpanFormat, _ body: [UInt8], tenant: String?, identity: Identity, account: RequestAccount,
        blocking: BlockingPool
    ) async -> Result<OTLP.ExportResponse, OTLPRefusal> {
        counts[.traces]?.bytes.increment(by: body.count)
        do {
            guard body.count <= limits.requestBytes else { throw limits.tooLarge(body.count) }
            let translated = try await blocking.run { [limits] in
                try Self.translate(body, format, limits.decoding, account)
            }
            guard translated.count <= limits.requestBytes else { throw limits.tooLarge(translated.count) }
            return .success(try await deliver(.traces, translated, false, tenant, identity))
        } catch {
            return .failure(refusal(.traces, error))
        }
    }

    private func deliver(
        _ signal: OTLP.Signal, _ body: [UInt8], _ json: Bool, _ tenant: String?, _ identity: Identity
    ) async throws -> OTLP.ExportResponse {
        let partial =
            switch signal {
            case .traces:
                try await sink.receive(traces: request(body, json, tenant, identity))
            case .logs:
                try await sink.receive(logs: request(body, json, tenant, identity))
            case .metrics:
                try await sink.receive(metrics: request(body, json, tenant, identity))
            }
        counts[signal]?.accepted.increment()
        return OTLP.ExportResponse(signal, partial)
    }

    /// OTLP in protobuf. What decoding may take is reserved before: twice the body at first, which most bodies keep to, and
    /// twice as much again and again, up to the limit, when that was not enough.
    private static func translate(
        _ body: [UInt8], _ format: SpanFormat, _ limits: DecodeLimits, _ account: RequestAccount
    ) throws -> [UInt8] {
        var memory = max(64 << 10, 2 * body.count)
        while true {
            let allowed = DecodeLimits(memory: min(memory, limits.memory), depth: limits.depth)
            // What was decoded, and what is made of it.
            let reserved = 2 * allowed.memory
            guard reserved <= account.limit else {
                throw OTLPRefusal(
                    .tooLarge,
                    "the request of \(body.count) bytes takes more when decoded than there is memory; send smaller batches or "
                        + "raise --memory.limit")
            }
            guard account.tryReserve(reserved) else { throw account.exhausted }
            defer { account.release(reserved) }
            do {
                let translated = try format.traces(body, limits: allowed).protobuf()
                guard account.tryReserve(translated.count) else { throw account.exhausted }
                return translated
            } catch WireError.tooLarge where allowed.memory < limits.memory {
                memory *= 2
            }
        }
    }

    /// Who calls, if the caller may write.
    ///
    /// - Parameters:
    ///   - authorization: the request's Authorization field; nil when it has none.
    ///   - authenticator: nil when nobody has to log in.
    func writer(_ authorization: String?, _ authenticator: Authenticator?) async throws -> Identity {
        guard let authenticator else { return .anonymous }
        let identity = try await authenticator.identify(authorization)
        guard identity.access.contains(.write) else {
            throw OTLPRefusal(.forbidden, "\(identity.name ?? "this client") may not write here")
        }
        return identity
    }

    /// Counts and, where the receiver is at fault, logs an error.
    func refusal(_ signal: OTLP.Signal, _ error: any Error) -> OTLPRefusal {
        counts[signal]?.refused.increment()
        let refusal = OTLPRefusal(error)
        if refusal.kind == .failed {
            logger.error(
                "export request failed",
                metadata: ["signal": .string(signal.rawValue), "error": .string("\(error)")])
        }
        return refusal
    }

    private func request<Message>(
        _ body: [UInt8], _ json: Bool, _ tenant: String?, _ identity: Identity
    ) -> OTLPRequest<Message> {
        OTLPRequest(
            body, encoding: json ? .json : .protobuf, tenant: tenant, identity: identity, limits: limits.decoding)
    }
}
