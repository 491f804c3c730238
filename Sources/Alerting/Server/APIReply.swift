import HTTPTypes
import Hummingbird
import NIOCore

/// Answers of the API.
enum APIReply {
    static func json(_ bytes: [UInt8], _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    static func empty(_ status: HTTPResponse.Status = .ok) -> Response { Response(status: status) }
}
