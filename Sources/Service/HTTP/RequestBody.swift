import Compression
import HTTPTypes
package import Hummingbird
package import NIOCore

/// Collects a request's body and undoes its Content-Encoding (gzip, deflate, zstd; snappy is the payload's own affair
/// and stays). The bytes are taken from the memory budget as they arrive and before they are decoded, until the request
/// ends.
///
/// - Parameters:
///   - request: the request whose body has not been read yet.
///   - context: the request's context.
///   - limit: largest accepted body in bytes, both as sent and decoded.
///   - limitKey: the flag or key that raises the limit, for the error; nil where it is fixed.
/// - Throws: ``HTTPFailure`` 413 beyond the limit, 400 for corrupt data, 415 for an unknown encoding, 503 without memory.
package func requestBody(
    _ request: Request, _ context: ServiceContext, limit: Int, limitKey: String? = nil
) async throws -> ByteBuffer {
    let cure = limitKey.map { "; raise \($0)" } ?? ""
    let tooLarge = HTTPFailure(.contentTooLarge, "the request body exceeds the limit of \(limit) bytes\(cure)")
    let announced = request.headers[.contentLength].flatMap(Int.init)
    if let announced, announced > limit { throw tooLarge }

    var body = ByteBuffer()
    for try await chunk in request.body {
        guard body.readableBytes + chunk.readableBytes <= limit else { throw tooLarge }
        try context.account.reserve(chunk.readableBytes)
        if body.readableBytes == 0 {
            body = chunk
        } else {
            body.writeImmutableBuffer(chunk)
        }
    }
    if let announced, body.readableBytes != announced {
        throw HTTPFailure(.badRequest, "the request body ends after \(body.readableBytes) of \(announced) bytes")
    }

    let encodings = request.headers[values: .contentEncoding].joined(separator: ",").split(separator: ",")
        .map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
        .filter { $0 != "identity" && $0 != "snappy" && !$0.isEmpty }
    guard let name = encodings.first else { return body }
    guard encodings.count == 1, let encoding = ContentEncoding(rawValue: name) else {
        throw HTTPFailure(
            .unsupportedMediaType, "content encoding \"\(encodings.joined(separator: ", "))\" is not supported",
            headers: [.acceptEncoding: "gzip, deflate, zstd, snappy"])
    }
    do {
        return try await encoding.decode(body, limit: limit, context)
    } catch CompressionError.tooLarge {
        throw HTTPFailure(
            .contentTooLarge, "the decompressed request body exceeds the limit of \(limit) bytes\(cure)")
    } catch CompressionError.noMemory {
        throw context.account.exhausted
    } catch let error as CompressionError {
        throw HTTPFailure(.badRequest, "the request body is not valid \(name): \(error)")
    }
}
