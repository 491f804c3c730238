import Compression
import HTTPTypes
package import Hummingbird
package import NIOCore
package import Wire

/// A gRPC call that a client makes with one message, whose answers are a stream (gRPC over HTTP/2).
///
/// It is a request like others: a POST to the path of service and method, answered with 200, messages with a prefix of five
/// bytes, and trailers that say how it went.
package struct GRPCCall: Sendable {
    /// The client's message.
    package let message: ByteBuffer
    /// How long the client waits for the end of the answer; nil for ever.
    package let timeout: Duration?

    private static let contentType = "application/grpc"
    private static let prefixBytes = 5

    /// Whether a request is a gRPC call; whatever goes wrong with one is told in its trailers.
    static func isMade(by request: Request) -> Bool {
        guard let type = request.headers[.contentType]?.lowercased(), type.hasPrefix(contentType) else { return false }
        return type.utf8.count == contentType.utf8.count || "+;".utf8.contains(Array(type.utf8)[contentType.utf8.count])
    }

    /// Reads the client's message.
    ///
    /// - Parameter limit: bytes of it, as sent and decompressed.
    /// - Throws: ``HTTPFailure``.
    package init(_ request: Request, _ context: ServiceContext, limit: Int) async throws {
        guard Self.isMade(by: request) else {
            throw HTTPFailure(.unsupportedMediaType, "this path is a gRPC call: send \(Self.contentType)")
        }
        timeout = try Self.timeout(request.headers)
        var body = try await requestBody(request, context, limit: limit + Self.prefixBytes)
        guard let flag = body.readInteger(as: UInt8.self), let length = body.readInteger(as: UInt32.self),
            body.readableBytes == Int(length), flag <= 1
        else { throw HTTPFailure(.badRequest, "the call needs one message, with its prefix and nothing behind it") }
        guard flag == 1 else {
            message = body
            return
        }
        let name = HTTPField.Name("grpc-encoding").flatMap { request.headers[$0] } ?? ""
        guard let encoding = ContentEncoding(rawValue: name) else {
            throw HTTPFailure(
                .notImplemented, "grpc-encoding \"\(name.prefix(64))\" is not supported: send gzip or deflate")
        }
        do {
            message = try await encoding.decode(body, limit: limit, context)
        } catch CompressionError.tooLarge {
            throw HTTPFailure(.contentTooLarge, "the decompressed message exceeds the limit of \(limit) bytes")
        } catch CompressionError.noMemory {
            throw context.account.exhausted
        } catch let error as CompressionError {
            throw HTTPFailure(.badRequest, "the message is not valid \(name): \(error)")
        }
    }

    /// The field grpc-timeout: up to eight digits and a unit.
    static func timeout(_ headers: HTTPFields) throws(HTTPFailure) -> Duration? {
        guard let text = HTTPField.Name("grpc-timeout").flatMap({ headers[$0] }) else { return nil }
        guard let unit = text.last, let amount = Int64(text.dropLast()), (0...99_999_999).contains(amount) else {
            throw HTTPFailure(.badRequest, "invalid grpc-timeout \"\(text.prefix(64))\"")
        }
        switch unit {
        case "H": return .seconds(amount * 3600)
        case "M": return .seconds(amount * 60)
        case "S": return .seconds(amount)
        case "m": return .milliseconds(amount)
        case "u": return .microseconds(amount)
        case "n": return .nanoseconds(amount)
        default: throw HTTPFailure(.badRequest, "invalid grpc-timeout \"\(text.prefix(64))\"")
        }
    }

    /// A message as it stands in a stream.
    package static func framed(_ message: [UInt8]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(prefixBytes + message.count)
        buffer.writeInteger(UInt8(0))
        buffer.writeInteger(UInt32(message.count))
        buffer.writeBytes(message)
        return buffer
    }

    /// An answer whose messages `body` writes, each ``framed(_:)``; how the call ends is what it gives.
    package static func response(
        _ body: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> RPCStatus
    ) -> Response {
        Response(
            status: .ok, headers: [.contentType: contentType],
            body: ResponseBody { writer in
                let status = try await body(&writer)
                var trailers = HTTPFields()
                for (name, value) in status.grpcFields {
                    if let name = HTTPField.Name(name) { trailers[name] = value }
                }
                try await writer.finish(trailers)
            })
    }
}
