import GRDB
import HTTPTypes
import Hummingbird
import MartletCore
import NIOCore
import Service

/// The JSON answers of the HTTP API.
enum JSONAnswer {
    /// A response whose body `write` makes.
    static func make(
        _ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], _ write: (inout JSONWriter) -> Void
    ) -> Response {
        var writer = JSONWriter()
        write(&writer)
        var headers = headers
        headers[.contentType] = "application/json; charset=utf-8"
        headers[.cacheControl] = "no-store"
        SecurityHeaders.data.add(to: &headers)
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: writer.bytes)))
    }

    /// `{"message": …}`, the shape of Grafana's short answers and of all its errors.
    static func message(
        _ text: String, _ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        make(status, headers: headers) { writer in
            writer.beginObject()
            writer.key("message")
            writer.string(text)
            writer.endObject()
        }
    }

    /// Runs a handler; an ``HTTPFailure`` becomes a JSON answer with the same status and fields, a full disk 503.
    static func answering(_ body: () async throws -> Response) async throws -> Response {
        do {
            return try await body()
        } catch let failure as HTTPFailure {
            return message(failure.message, failure.status, headers: failure.headers)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
            return message(
                "the disk that holds this server's database is full; free some space and try again",
                .serviceUnavailable, headers: [.retryAfter: "30"])
        }
    }

    /// The request's body as a JSON object.
    /// - Throws: ``HTTPFailure`` 400 for anything else, 413 beyond the limit in bytes.
    static func object(
        _ request: Request, _ context: ServiceContext, limit: Int = 64 << 10
    ) async throws -> JSONValue {
        let body = try await requestBody(request, context, limit: limit)
        do {
            let value = try JSONValue(parsing: Array(body.readableBytesView))
            guard value.object != nil else { throw HTTPFailure(.badRequest, "the body must be a JSON object") }
            return value
        } catch let error as JSONError {
            throw HTTPFailure(.badRequest, "\(error)")
        }
    }
}
