import Compression
import NIOCore

/// Content encodings of request bodies.
enum ContentEncoding: String, Sendable {
    case gzip
    case xGzip = "x-gzip"
    case deflate
    case zstd

    /// Decoded bytes; throws `CompressionError.tooLarge` before more than `limit` bytes are allocated.
    func decode(_ body: ByteBuffer, limit: Int) throws -> ByteBuffer {
        let bytes: [UInt8] = try body.withUnsafeReadableBytes { encoded in
            switch self {
            case .gzip, .xGzip: try Gzip.decompress(encoded, limit: limit)
            case .deflate: try Gzip.decompress(encoded, container: .zlib, limit: limit)
            case .zstd: try Zstd.decompress(encoded, limit: limit)
            }
        }
        return ByteBuffer(bytes: bytes)
    }
}
