import Logging
import Metrics
import Service
import Wire

/// What both transports do with a request once its body is there: hand it to the sink, count, log what is the receiver's
/// own fault, and say what to answer.
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

    init(_ sink: any OTLPSink, limits: OTLPReceiverLimits, transport: String, logger: Logger) {
        self.sink = sink
        self.limits = limits
        self.logger = logger
        counts = Dictionary(
            uniqueKeysWithValues: OTLP.Signal.allCases.map { ($0, Counts($0, transport)) })
    }

    /// The response to a body of `signal`, or why it is refused.
    func respond(
        _ signal: OTLP.Signal, _ body: [UInt8], json: Bool, tenant: String?, identity: Identity
    ) async -> Result<OTLP.ExportResponse, OTLPRefusal> {
        counts[signal]?.bytes.increment(by: body.count)
        do {
            guard body.count <= limits.requestBytes else { throw limits.tooLarge(body.count) }
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
            return .success(OTLP.ExportResponse(signal, partial))
        } catch {
            return .failure(refusal(signal, error))
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
