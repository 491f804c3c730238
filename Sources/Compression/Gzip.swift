import CZlib

/// Gzip (RFC 1952), zlib (RFC 1950) and raw deflate (RFC 1951) through zlib.
package enum Gzip {
    /// The wrapping around the deflate stream.
    package enum Container: Sendable {
        case gzip
        case zlib
        case raw

        /// zlib's windowBits for it.
        fileprivate var windowBits: Int32 {
            switch self {
            case .gzip: 15 + 16
            case .zlib: 15
            case .raw: -15
            }
        }
    }

    /// Compresses all of the bytes; level 1 (fast) to 9 (small).
    package static func compress(
        _ bytes: UnsafeRawBufferPointer, container: Container = .gzip, level: Int32 = 6
    ) throws(CompressionError) -> [UInt8] {
        var stream = z_stream()
        var status = deflateInit2_(
            &stream, level, Z_DEFLATED, container.windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw .failed("zlib status \(status)") }
        defer { deflateEnd(&stream) }
        var out = OutputBuffer()
        var input = Feed(bytes)
        repeat {
            input.fill(&stream)
            status = try step(&stream, &out, room: max(1024, bytes.count / 3)) { stream in
                deflate(&stream, input.isLast ? Z_FINISH : Z_NO_FLUSH)
            }
            guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
                throw .failed("zlib status \(status)")
            }
        } while status != Z_STREAM_END
        return out.bytes
    }

    /// Decompresses; memory grows with what really comes out and never beyond `limit`. Several gzip members after
    /// each other are one content, as RFC 1952 says. With `.zlib`, a raw stream is accepted too, because HTTP clients
    /// disagree about what "deflate" means. `reserving` is asked before memory is taken.
    package static func decompress(
        _ bytes: UnsafeRawBufferPointer, container: Container = .gzip, limit: Int,
        reserving: MemoryReservation = { _ in true }
    ) throws(CompressionError) -> [UInt8] {
        if container == .zlib, !hasZlibHeader(bytes) {
            return try decompress(bytes, container: .raw, limit: limit, reserving: reserving)
        }
        let limit = min(max(0, limit), Int.max / 2)
        var stream = z_stream()
        var status = inflateInit2_(
            &stream, container.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw .failed("zlib status \(status)") }
        defer { inflateEnd(&stream) }
        var out = OutputBuffer()
        var input = Feed(bytes)
        while true {
            input.fill(&stream)
            // One byte more than the limit, so that content of exactly the limit is told from content beyond it.
            let room = min(max(4096, out.count), limit - out.count + 1)
            status = try step(&stream, &out, room: room, reserving) { stream in inflate(&stream, Z_NO_FLUSH) }
            guard out.count <= limit else { throw .tooLarge(limit: limit) }
            switch status {
            case Z_STREAM_END:
                if stream.avail_in == 0, input.isLast { return try out.bytes(reserving: reserving) }
                // What follows must be another member; zlib and raw streams have none.
                guard container == .gzip else { throw .corrupt }
                guard inflateReset(&stream) == Z_OK else { throw .failed("zlib cannot restart") }
            case Z_OK: continue
            case Z_BUF_ERROR where stream.avail_in == 0 && input.isLast: throw .corrupt
            case Z_BUF_ERROR: continue
            case Z_MEM_ERROR: throw .failed("out of memory")
            default: throw .corrupt
            }
        }
    }

    /// Runs the library once with `room` bytes at the end of `out`.
    private static func step(
        _ stream: inout z_stream, _ out: inout OutputBuffer, room: Int,
        _ reserving: MemoryReservation = { _ in true }, _ body: (inout z_stream) -> Int32
    ) throws(CompressionError) -> Int32 {
        let room = min(room, Int(UInt32.max))
        return try out.write(room: room, reserving: reserving) { start in
            stream.next_out = start
            stream.avail_out = UInt32(room)
            let status = body(&stream)
            return (room - Int(stream.avail_out), status)
        }
    }

    private static func hasZlibHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= 2 else { return false }
        return bytes[0] & 0x0f == 8 && (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0
    }

    /// Hands the input over in pieces that zlib's 32-bit counters can hold.
    private struct Feed {
        private let bytes: UnsafeRawBufferPointer
        private var offset = 0

        init(_ bytes: UnsafeRawBufferPointer) {
            self.bytes = bytes
        }

        var isLast: Bool { offset == bytes.count }

        mutating func fill(_ stream: inout z_stream) {
            guard stream.avail_in == 0, offset < bytes.count, let base = bytes.baseAddress else { return }
            let piece = min(bytes.count - offset, 1 << 30)
            // zlib only reads through the pointer; its C type lacks the const.
            stream.next_in = UnsafeMutablePointer(
                mutating: (base + offset).assumingMemoryBound(to: UInt8.self))
            stream.avail_in = UInt32(piece)
            offset += piece
        }
    }
}
