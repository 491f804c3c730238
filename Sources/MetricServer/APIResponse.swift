import HTTPTypes
import Hummingbird
import MartletCore
import NIOCore
import PromQL
import Service

/// The envelope of Prometheus' HTTP API.
enum APIResponse {
    /// Warnings and remarks beyond this many are counted only.
    private static let noteLimit = 10

    /// `{"status":"success","data":…}`.
    static func success(
        warnings: [String] = [], infos: [String] = [], _ data: (inout JSONWriter) -> Void
    ) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key("status")
        json.string("success")
        json.key("data")
        data(&json)
        notes("warnings", warnings, &json)
        notes("infos", infos, &json)
        json.endObject()
        return response(.ok, json.bytes)
    }

    /// `{"status":"error","errorType":…,"error":…}`.
    static func failure(_ error: APIError) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key("status")
        json.string("error")
        json.key("errorType")
        json.string(error.type)
        json.key("error")
        json.string(error.message)
        json.endObject()
        return response(error.status, json.bytes)
    }

    /// Runs a handler and puts what it throws into the envelope.
    static func answering(_ body: () async throws -> Response) async throws -> Response {
        do {
            return try await body()
        } catch let error as APIError {
            return failure(error)
        } catch let error as QueryError {
            return failure(APIError(error))
        } catch let error as BlockingPool.Saturated {
            return failure(APIError(status: .serviceUnavailable, type: "unavailable", message: "\(error)"))
        }
    }

    static func response(_ status: HTTPResponse.Status, _ json: [UInt8]) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: json)))
    }

    private static func notes(_ key: String, _ texts: [String], _ json: inout JSONWriter) {
        guard !texts.isEmpty else { return }
        json.key(key)
        json.beginArray()
        for text in texts.prefix(noteLimit) { json.string(text) }
        if texts.count > noteLimit { json.string("\(texts.count - noteLimit) more \(key) omitted") }
        json.endArray()
    }
}
