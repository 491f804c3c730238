import HTTPTypes
import Hummingbird
import Tracing

/// The server span of one request.
struct RequestTrace: Sendable {
    private struct Fields: Extractor {
        func extract(key: String, from carrier: HTTPFields) -> String? {
            HTTPField.Name(key).flatMap { carrier[$0] }
        }
    }

    private let span: RecordedSpan

    /// Begins the span, below the client's when the request names one.
    init(_ request: Request, tracer: SpanTracer) {
        var context = InstrumentationContext.topLevel
        tracer.extract(request.headers, into: &context, using: Fields())
        span = tracer.startSpan(request.method.rawValue, context: context, ofKind: .server)
        span.updateAttributes { attributes in
            attributes["http.request.method"] = request.method.rawValue
            attributes["url.path"] = request.uri.path
            attributes["user_agent.original"] = request.headers[.userAgent]
        }
    }

    /// What work on the request runs in.
    var context: InstrumentationContext { span.context }

    /// Ends the span with what became of the request (OpenTelemetry's semantic conventions for HTTP servers).
    func end(route: String?, status: Int, bytes: Int?, method: HTTPRequest.Method) {
        guard span.isRecording else { return }
        if let route { span.operationName = "\(method.rawValue) \(route)" }
        span.updateAttributes { attributes in
            attributes["http.route"] = route
            attributes["http.response.status_code"] = status
            attributes["http.response.body.size"] = bytes
        }
        if status >= 500 { span.setStatus(SpanStatus(code: .error)) }
        span.end()
    }
}
