package import HTTPTypes
package import Hummingbird

/// An answer that is not the wanted one: status and a plain text line. Throw it from any handler; ``RequestPipeline`` says it
/// in the words of the request's protocol.
package struct HTTPFailure: Error, CustomStringConvertible {
    package var status: HTTPResponse.Status
    /// The body, one line of plain text that says what was wrong and which key or flag changes it.
    package var message: String
    /// Fields to add to the response, such as Retry-After.
    package var headers: HTTPFields

    /// - Parameters:
    ///   - status: the HTTP status of the answer.
    ///   - message: the body, without a line end.
    ///   - headers: fields to add to the response.
    package init(_ status: HTTPResponse.Status, _ message: String, headers: HTTPFields = [:]) {
        self.status = status
        self.message = message
        self.headers = headers
    }

    /// 429 or 503 with `Retry-After`.
    package static func retryLater(
        _ status: HTTPResponse.Status = .tooManyRequests, _ message: String, after seconds: Int = 1
    ) -> HTTPFailure {
        HTTPFailure(status, message, headers: [.retryAfter: "\(seconds)"])
    }

    package var description: String { "\(status.code): \(message)" }

    /// The failure as a response, `text/plain` with a line end.
    package func response() -> Response {
        var headers = headers
        headers[.contentType] = "text/plain; charset=utf-8"
        headers[.xContentTypeOptions] = "nosniff"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: message + "\n")))
    }
}
