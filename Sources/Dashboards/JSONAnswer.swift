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
        } catch let failure as StatusFailure {
            return value(failure.body, failure.status)
        } catch let failure as StorageFailure {
            return message(failure.message, .serviceUnavailable, headers: [.retryAfter: "30"])
        } catch let error as DatabaseError {
            guard let reason = reason(error) else { throw error }
            return message(reason, .serviceUnavailable, headers: [.retryAfter: "30"])
        }
    }

    /// What can be done about an error that is the machine's, not ours; nil for others.
    private static func reason(_ error: DatabaseError) -> String? {
        switch error.resultCode {
        case .SQLITE_FULL: "the disk that holds this server's database is full; free some space and try again"
        case .SQLITE_BUSY, .SQLITE_LOCKED: "another program holds this server's database; try again"
        case .SQLITE_IOERR, .SQLITE_CANTOPEN:
            "this server's database cannot be read or written (\(error.message ?? "input or output error")); look at its disk"
        case .SQLITE_READONLY: "this server's database may not be written; look at the rights of its files"
        case .SQLITE_TOOBIG: "that is more than the database holds in one place"
        default: nil
        }
    }

    /// A response with a value.
    static func value(_ value: JSONValue, _ status: HTTPResponse.Status = .ok) -> Response {
        make(status) { value.write(to: &$0) }
    }

    /// Texts from this size on are parsed off the event loop, and pay for the tree that they become.
    private static let large = 64 << 10
    /// How many bytes of memory a tree takes for each byte of its text.
    private static let treeCost = 12

    /// A text as a tree, whose memory the request pays for.
    static func tree(of text: [UInt8], _ context: ServiceContext) async throws -> JSONValue {
        guard text.count > large else { return try JSONValue(parsing: text) }
        try context.account.reserve(text.count * treeCost)
        return try await context.blocking.run { try JSONValue(parsing: text) }
    }

    /// The request's body as a JSON object.
    /// - Throws: ``HTTPFailure`` 400 for anything else, 413 beyond the limit in bytes.
    static func object(
        _ request: Request, _ context: ServiceContext, limit: Int = 64 << 10
    ) async throws -> JSONValue {
        let body = try await requestBody(request, context, limit: limit)
        do {
            let value = try await tree(of: Array(body.readableBytesView), context)
            guard value.object != nil else { throw HTTPFailure(.badRequest, "the body must be a JSON object") }
            return value
        } catch let error as JSONError {
            throw HTTPFailure(.badRequest, "\(error)")
        }
    }
}

extension JSONValue {
    /// A number.
    static func int(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }

    /// A time of Unix seconds as text, `2026-11-29T19:00:00Z`.
    static func time(_ seconds: Int64) -> JSONValue {
        var text: [UInt8] = []
        RFC3339.append(seconds: seconds, fraction: .none, to: &text)
        return .string(String(decoding: text, as: UTF8.self))
    }

    /// A list of texts.
    static func strings(_ texts: some Sequence<String>) -> JSONValue { .array(texts.map { .string($0) }) }
}
