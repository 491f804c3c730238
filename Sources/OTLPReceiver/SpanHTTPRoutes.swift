import HTTPTypes
package import Hummingbird
package import Logging
import NIOCore
package import Service
import Wire

/// Spans over HTTP as other tracing systems' clients send them. They are answered 202, or refused with a line of text and the
/// status that OTLP over HTTP has for the same reason.
package struct SpanHTTPRoutes: Sendable {
    /// Whose clients are served.
    package enum API: Sendable, Hashable {
        /// Zipkin's `POST /api/v2/spans`, JSON and protobuf. With `parsesTags`, tags that look like numbers and truth values
        /// become such.
        case zipkin(parsesTags: Bool)
        /// Jaeger's `POST /api/traces`, Thrift's binary protocol.
        case jaeger

        /// Where the spans are posted.
        package var path: String {
            switch self {
            case .zipkin: "/api/v2/spans"
            case .jaeger: "/api/traces"
            }
        }

        fileprivate var name: String {
            switch self {
            case .zipkin: "zipkin"
            case .jaeger: "jaeger_http"
            }
        }
    }

    private let api: API
    private let exchange: OTLPExchange

    /// Routes that hand what they receive to `sink`, as OTLP.
    package init(
        _ api: API, sink: any OTLPSink, limits: OTLPReceiverLimits = OTLPReceiverLimits(), logger: Logger
    ) {
        self.api = api
        exchange = OTLPExchange(sink, limits: limits, signals: [.traces], transport: api.name, logger: logger)
    }

    /// Adds the route.
    package func register(on router: Router<ServiceContext>) {
        router.post(RouterPath(api.path)) { request, context in try await respond(request, context) }
    }

    private func respond(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let format = try format(of: request)
        let body: [UInt8]
        do {
            body = try await exchange.body(request, context)
        } catch let refusal as OTLPRefusal {
            throw exchange.refusal(.traces, refusal).httpFailure
        }
        let result = await exchange.respond(
            format, body, tenant: OTLPExchange.tenant(request), identity: context.identity, account: context.account,
            blocking: context.blocking)
        switch result {
        case .success(let response):
            // These protocols know no partial success: the line is for people.
            let partial = response.partialSuccess
            if partial.isFull { return Response(status: .accepted) }
            return Response(
                status: .accepted, headers: [.contentType: "text/plain; charset=utf-8"],
                body: .init(
                    byteBuffer: ByteBuffer(string: "\(partial.rejected) spans were refused: \(partial.message)\n")))
        case .failure(let refusal):
            throw refusal.httpFailure
        }
    }

    private func format(of request: Request) throws(HTTPFailure) -> SpanFormat {
        let type = request.mediaType
        switch api {
        case .zipkin(let parsesTags):
            switch type {
            case "application/x-protobuf", "application/protobuf": return .zipkinProtobuf(parsesTags: parsesTags)
            case "application/x-thrift":
                throw HTTPFailure(
                    .unsupportedMediaType, "content type must be application/json or application/x-protobuf")
            // JSON is what Zipkin takes anything else for.
            default: return .zipkinJSON(parsesTags: parsesTags)
            }
        case .jaeger:
            if let format = QueryParameters(request)["format"], format != "jaeger.thrift" {
                throw HTTPFailure(.badRequest, "format must be jaeger.thrift, not \"\(format.prefix(64))\"")
            }
            guard type == "application/x-thrift" || type == "application/vnd.apache.thrift.binary" else {
                throw HTTPFailure(
                    .unsupportedMediaType,
                    "content type must be application/x-thrift or application/vnd.apache.thrift.binary")
            }
            return .jaegerThrift
        }
    }
}
