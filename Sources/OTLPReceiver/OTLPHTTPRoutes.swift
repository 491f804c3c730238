import HTTPTypes
package import Hummingbird
package import Logging
import NIOCore
package import Service
package import Wire

/// OTLP over HTTP: `POST /v1/{traces,logs,metrics}`, protobuf and JSON (opentelemetry-proto, "OTLP/HTTP").
package struct OTLPHTTPRoutes: Sendable {
    private let exchange: OTLPExchange

    /// Routes that hand what they receive to `sink`.
    package init(
        sink: any OTLPSink, limits: OTLPReceiverLimits = OTLPReceiverLimits(), logger: Logger
    ) {
        exchange = OTLPExchange(sink, limits: limits, transport: "http", logger: logger)
    }

    /// Adds the routes of all signals below `prefix`.
    package func register(on router: Router<ServiceContext>, prefix: String = "") {
        for signal in OTLP.Signal.allCases { register(signal, at: prefix + signal.path, on: router) }
    }

    /// Adds the route of one signal at a path of its own, such as Prometheus' `/api/v1/otlp/v1/metrics`.
    package func register(_ signal: OTLP.Signal, at path: String, on router: Router<ServiceContext>) {
        router.post(RouterPath(path)) { request, context in
            try await respond(signal, request, context)
        }
    }

    private func respond(
        _ signal: OTLP.Signal, _ request: Request, _ context: ServiceContext
    ) async throws -> Response {
        guard let json = Self.isJSON(request.mediaType) else {
            throw HTTPFailure(
                .unsupportedMediaType, "content type must be application/x-protobuf or application/json")
        }
        let body: [UInt8]
        do {
            body = try await exchange.body(request, context)
        } catch let refusal as OTLPRefusal {
            return answer(exchange.refusal(signal, refusal), json: json)
        }
        let result = await exchange.respond(
            signal, body, json: json, tenant: OTLPExchange.tenant(request), identity: context.identity)
        switch result {
        case .success(let response):
            return answer(.ok, json ? response.json() : response.protobuf(), json: json)
        case .failure(let refusal):
            return answer(refusal, json: json)
        }
    }

    private func answer(_ refusal: OTLPRefusal, json: Bool) -> Response {
        let status = refusal.rpcStatus
        var response = answer(refusal.httpStatus, json ? status.json() : status.protobuf(), json: json)
        if let seconds = refusal.retryAfterSeconds { response.headers[.retryAfter] = String(seconds) }
        return response
    }

    private func answer(_ status: HTTPResponse.Status, _ body: [UInt8], json: Bool) -> Response {
        Response(
            status: status, headers: [.contentType: json ? "application/json" : "application/x-protobuf"],
            body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }

    /// Whether a media type means JSON; nil for one that is neither JSON nor protobuf.
    private static func isJSON(_ type: String?) -> Bool? {
        switch type {
        case "application/json": return true
        case "application/x-protobuf", "application/protobuf": return false
        default: return nil
        }
    }
}
