import Compression
import NIOCore

/// Content encodings of request bodies.
enum ContentEncoding: String, Sendable {
    case gzip
    case xGzip = "x-gzip"
    case deflate
    case zstd

    /// Decoded bytes; throws `CompressionError.tooLarge` before more than `limit` bytes are allocated, and `.noMemory` when
    /// `reserving` refuses what is needed. May take long: keep it off event loops and the cooperative pool.
    func decode(_ body: ByteBuffer, limit: Int, reserving: MemoryReservation) throws -> ByteBuffer {
        let bytes: [UInt8] = try body.withUnsafeReadableBytes { encoded in
            switch self {
            case .gzip, .xGzip: try Gzip.decompress(encoded, limit: limit, reserving: reserving)
            case .deflate: try Gzip.decompress(encoded, container: .zlib, limit: limit, reserving: reserving)
            case .zstd: try Zstd.decompress(encoded, limit: limit, reserving: reserving)
            }
        }
        guard reserving(bytes.count) else { throw CompressionError.noMemory }
        return ByteBuffer(bytes: bytes)
    }

    /// Decodes on the blocking threads, since few bytes can stand for very many, and leaves only the result on the account.
    func decode(_ body: ByteBuffer, limit: Int, _ context: ServiceContext) async throws -> ByteBuffer {
        let account = context.account
        let decoded = try await context.blocking.run {
            var taken = 0
            do {
                let decoded = try self.decode(body, limit: limit) { bytes in
                    guard account.tryReserve(bytes) else { return false }
                    taken += bytes
                    return true
                }
                account.release(taken - decoded.readableBytes)
                return decoded
            } catch {
                account.release(taken)
                throw error
            }
        }
        account.release(body.readableBytes)
        return decoded
    }
}
