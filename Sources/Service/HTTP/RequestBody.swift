import Compression
import HTTPTypes
package import Hummingbird
package import NIOCore

/// Collects a request's body and undoes its Content-Encoding (gzip, deflate, zstd; snappy is the payload's own affair
/// and stays). The bytes count against the memory budget until the request ends.
///
/// - Parameters:
///   - request: the request whose body has not been read yet.
///   - context: the request's context.
///   - limit: largest accepted body in bytes, both as sent and decoded.
/// - Throws: ``HTTPFailure`` 413 beyond the limit, 400 for corrupt data, 415 for an unknown encoding, 503 without memory.
package func requestBody(_ request: Request, _ context: ServiceContext, limit: Int) async throws -> ByteBuffer {
    let tooLarge = HTTPFailure(.contentTooLarge, "the request body exceeds the limit of \(limit) bytes")
    if let announced = request.headers[.contentLength].flatMap(Int.init), announced > limit { throw tooLarge }

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
        let decoded: ByteBuffer
        if body.readableBytes < 16 << 10 {
            decoded = try encoding.decode(body, limit: limit)
        } else {
            let encoded = body
            decoded = try await context.blocking.run { try encoding.decode(encoded, limit: limit) }
        }
        try context.account.reserve(decoded.readableBytes)
        return decoded
    } catch let error as CompressionError {
        if case .tooLarge = error {
            throw HTTPFailure(.contentTooLarge, "the decompressed request body exceeds the limit of \(limit) bytes")
        }
        throw HTTPFailure(.badRequest, "the request body is not valid \(name): \(error)")
    }
}
