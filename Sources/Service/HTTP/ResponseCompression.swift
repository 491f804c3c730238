import Compression
import HTTPTypes
import Hummingbird
import NIOCore

/// Gzip for responses whose client takes it and whose size makes it worthwhile.
enum ResponseCompression {
    /// Smaller bodies fit a packet anyway.
    static let smallest = 1024

    /// True when the Accept-Encoding field takes gzip (RFC 9110, 12.5.3).
    static func acceptsGzip(_ field: String?) -> Bool {
        guard let field else { return false }
        var wildcard = false
        for item in field.split(separator: ",") {
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let name = parts.first else { continue }
            let refused = parts.dropFirst().contains { $0.hasPrefix("q=") && (Double($0.dropFirst(2)) ?? 1) == 0 }
            if name == "gzip" || name == "x-gzip" { return !refused }
            if name == "*" { wildcard = !refused }
        }
        return wildcard
    }

    /// True for text and its kin; images, fonts and archives are compressed already.
    static func isCompressible(_ contentType: String?) -> Bool {
        guard let contentType else { return false }
        let type = contentType.prefix { $0 != ";" }.lowercased()
        return type.hasPrefix("text/") || type.hasSuffix("+json") || type.hasSuffix("+xml")
            || [
                "application/json", "application/javascript", "application/xml", "application/openmetrics-text",
                "application/x-ndjson", "application/wasm", "application/yaml", "image/svg+xml",
                "application/manifest+json",
            ].contains(type)
    }

    /// The response, compressed when that is worthwhile.
    static func apply(_ response: Response, to request: Request, blocking: BlockingPool) async throws -> Response {
        guard isCompressible(response.headers[.contentType]), response.headers[.contentEncoding] == nil,
            response.status.code >= 200, response.status != .noContent, response.status != .notModified,
            response.status != .partialContent
        else { return response }
        var response = response
        // Caches must not serve one client's encoding to another.
        response.headers[values: .vary].append("Accept-Encoding")
        guard acceptsGzip(request.headers[.acceptEncoding]) else { return response }
        let size = response.body.contentLength
        if let size, size < smallest { return response }
        if request.method == .head {
            response.headers[.contentLength] = nil
            response.headers[.contentEncoding] = "gzip"
            return response
        }
        response.headers[.contentEncoding] = "gzip"
        // A strong validator names one sequence of bytes; after compression it can only be a weak one.
        if let tag = response.headers[.eTag], !tag.hasPrefix("W/") { response.headers[.eTag] = "W/" + tag }
        let body = response.body
        response.body = ResponseBody { writer in
            try await body.write(GzipBodyWriter(base: writer, blocking: blocking))
        }
        return response
    }
}

/// Compresses what passes; big pieces on the blocking threads, small ones where it stands.
private struct GzipBodyWriter: ResponseBodyWriter {
    private var base: any ResponseBodyWriter
    private let blocking: BlockingPool
    private let stream: GzipStream?

    init(base: any ResponseBodyWriter, blocking: BlockingPool) {
        self.base = base
        self.blocking = blocking
        stream = GzipStream(level: 5)
    }

    mutating func write(_ buffer: ByteBuffer) async throws {
        guard let stream else { throw CompressionError.failed("zlib cannot start") }
        var buffer = buffer
        // Pieces bound the memory of the output and the time that one job takes.
        while let piece = buffer.readSlice(length: min(buffer.readableBytes, 256 << 10)), piece.readableBytes > 0 {
            let compressed: [UInt8]
            if piece.readableBytes <= 32 << 10 {
                compressed = try stream.compress(piece)
            } else {
                compressed = try await blocking.run { try stream.compress(piece) }
            }
            if !compressed.isEmpty { try await base.write(ByteBuffer(bytes: compressed)) }
        }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        guard let stream else { throw CompressionError.failed("zlib cannot start") }
        let rest = try stream.finish()
        if !rest.isEmpty { try await base.write(ByteBuffer(bytes: rest)) }
        try await base.finish(trailingHeaders)
    }
}

extension GzipStream {
    fileprivate func compress(_ piece: ByteBuffer) throws -> [UInt8] {
        try piece.withUnsafeReadableBytes { try compress($0) }
    }
}
