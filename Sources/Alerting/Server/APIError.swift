import HTTPTypes
import Hummingbird
import MartletCore
import NIOCore

/// An error in one of the two shapes of Alertmanager's API: a bare JSON string from its handlers, or an object with code
/// and message from the layer that checks requests against the API's description.
struct APIError: Error, HTTPResponseError {
    let status: HTTPResponse.Status
    private let body: [UInt8]
    private var allow: String?

    /// A handler's refusal: a JSON string.
    init(_ status: HTTPResponse.Status, _ message: String) {
        self.status = status
        var json = JSONWriter()
        json.string(message)
        body = json.bytes + [0x0A]
    }

    /// A request that does not fit the API's description.
    init(_ status: HTTPResponse.Status, code: Int, _ message: String) {
        self.status = status
        var json = JSONWriter()
        json.beginObject()
        json.key("code")
        json.int(code)
        json.key("message")
        json.string(message)
        json.endObject()
        body = json.bytes
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        APIReply.json(body, status)
    }
}
