import CZlib

/// One gzip stream written piece by piece, for content whose end is not known when it begins.
package final class GzipStream: @unchecked Sendable {
    // Sendable holds because one writer owns it and hands it from thread to thread, never to two at a time.
    // zlib keeps a pointer to its state, so that lives at a fixed address.
    private let stream: UnsafeMutablePointer<z_stream>

    /// nil when zlib has no memory.
    /// - Parameter level: 1 (fast) to 9 (small).
    package init?(level: Int32 = 6) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = deflateInit2_(
            stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            stream.deallocate()
            return nil
        }
        self.stream = stream
    }

    deinit {
        deflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// What the stream has to say after these bytes; often nothing yet. At most 2 GiB at a time.
    package func compress(_ bytes: UnsafeRawBufferPointer) throws(CompressionError) -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        return try run(bytes, flush: Z_NO_FLUSH)
    }

    /// The end of the stream; nothing may follow.
    package func finish() throws(CompressionError) -> [UInt8] {
        try run(UnsafeRawBufferPointer(start: nil, count: 0), flush: Z_FINISH)
    }

    private func run(_ bytes: UnsafeRawBufferPointer, flush: Int32) throws(CompressionError) -> [UInt8] {
        guard bytes.count <= Int(Int32.max) else { throw .failed("a piece is larger than 2 GiB") }
        // zlib reads the input only, although its type says otherwise.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(bytes.count)
        defer {
            stream.pointee.next_in = nil
            stream.pointee.avail_in = 0
        }
        var out: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            var status = Z_OK
            let written = chunk.withUnsafeMutableBufferPointer { buffer in
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(buffer.count)
                status = deflate(stream, flush)
                return buffer.count - Int(stream.pointee.avail_out)
            }
            out.append(contentsOf: chunk[..<written])
            switch status {
            case Z_STREAM_END: return out
            case Z_OK where flush == Z_FINISH || written == chunk.count: continue
            case Z_OK, Z_BUF_ERROR: return out
            default: throw .failed("zlib status \(status)")
            }
        }
    }
}
