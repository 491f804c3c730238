import CZstd
import MartletCore

/// Zstandard (RFC 8878) frames. Contexts are expensive to make, so they are kept and reused.
package enum Zstd {
    /// Compresses into one frame that declares its size; level 1 is the field's choice for blocks.
    package static func compress(
        _ bytes: UnsafeRawBufferPointer, level: Int32 = 1
    ) throws(CompressionError) -> [UInt8] {
        guard let context = compressors.take() ?? ZSTD_createCCtx() else { throw .failed("out of memory") }
        defer { compressors.give(context) { ZSTD_freeCCtx($0) } }
        var code = 0
        let out = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { buffer, count in
            code = ZSTD_compressCCtx(
                context, buffer.baseAddress, buffer.count, bytes.baseAddress, bytes.count, level)
            count = ZSTD_isError(code) == 0 ? code : 0
        }
        guard ZSTD_isError(code) == 0 else { throw .failed(String(cString: ZSTD_getErrorName(code))) }
        return out
    }

    /// Decompresses one or several frames. A declared size is checked against `limit` before allocation; without one
    /// memory grows with what really comes out. The window a frame asks for is held to the limit too. `reserving` is
    /// asked before memory is taken.
    package static func decompress(
        _ bytes: UnsafeRawBufferPointer, limit: Int, reserving: MemoryReservation = { _ in true }
    ) throws(CompressionError) -> [UInt8] {
        let limit = min(max(0, limit), Int.max / 2)
        guard let base = bytes.baseAddress, !bytes.isEmpty else { throw .corrupt }
        let declared = ZSTD_getFrameContentSize(base, bytes.count)
        if declared == UInt64(bitPattern: -2) { throw .corrupt }
        let known = declared != UInt64(bitPattern: -1)
        if known, declared > UInt64(limit) { throw .tooLarge(limit: limit) }
        guard let context = decompressors.take() ?? ZSTD_createDCtx() else { throw .failed("out of memory") }
        defer {
            // A large window that one frame asked for is not kept.
            if ZSTD_sizeof_DCtx(context) > 1 << 20 {
                ZSTD_freeDCtx(context)
            } else {
                decompressors.give(context) { ZSTD_freeDCtx($0) }
            }
        }
        let isSingle = ZSTD_findFrameCompressedSize(base, bytes.count) == bytes.count
        // A block never holds more than 128 KiB, so input this small cannot honestly declare more than that per
        // four bytes; what lies is decoded by the streaming way, which allocates as it goes.
        if known, isSingle, Int(declared) <= bytes.count * 32768 {
            guard reserving(Int(declared)) else { throw .noMemory }
            return try decompressWhole(context, bytes, size: Int(declared))
        }
        return try decompressStream(context, bytes, limit: limit, reserving)
    }

    /// Decompresses one frame that must fill `out` exactly.
    package static func decompress(
        _ bytes: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) {
        guard let context = decompressors.take() ?? ZSTD_createDCtx() else { throw .failed("out of memory") }
        defer { decompressors.give(context) { ZSTD_freeDCtx($0) } }
        let code = ZSTD_decompressDCtx(context, out.baseAddress, out.count, bytes.baseAddress, bytes.count)
        guard ZSTD_isError(code) == 0, code == out.count else { throw .corrupt }
    }

    private static func decompressWhole(
        _ context: OpaquePointer, _ bytes: UnsafeRawBufferPointer, size: Int
    ) throws(CompressionError) -> [UInt8] {
        var code = 0
        let out = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            code = ZSTD_decompressDCtx(context, buffer.baseAddress, size, bytes.baseAddress, bytes.count)
            count = ZSTD_isError(code) == 0 ? code : 0
        }
        guard ZSTD_isError(code) == 0, out.count == size else { throw .corrupt }
        return out
    }

    private static func decompressStream(
        _ context: OpaquePointer, _ bytes: UnsafeRawBufferPointer, limit: Int, _ reserving: MemoryReservation
    ) throws(CompressionError) -> [UInt8] {
        ZSTD_DCtx_reset(context, ZSTD_reset_session_and_parameters)
        // The window never needs to be larger than the content may be; zstd's least is 1 KiB.
        var windowLog: Int32 = 10
        while windowLog < 27, 1 << Int(windowLog) < limit { windowLog += 1 }
        // The first frame's window is paid for; a later frame must do with as much.
        if let window = windowSize(bytes) {
            var own: Int32 = 10
            while own < windowLog, 1 << Int(own) < window { own += 1 }
            windowLog = own
        }
        guard reserving(1 << Int(windowLog)) else { throw .noMemory }
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, windowLog)
        defer { ZSTD_DCtx_reset(context, ZSTD_reset_session_and_parameters) }
        var out = OutputBuffer()
        var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        while true {
            let before = out.count
            let room = min(max(4096, before), limit - before + 1)
            let code = try out.write(room: room, reserving: reserving) { start in
                var output = ZSTD_outBuffer(dst: start, size: room, pos: 0)
                let code = ZSTD_decompressStream(context, &output, &input)
                return (output.pos, code)
            }
            let written = out.count - before
            if ZSTD_isError(code) != 0 {
                if ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge {
                    throw .tooLarge(limit: limit)
                }
                throw .corrupt
            }
            guard out.count <= limit else { throw .tooLarge(limit: limit) }
            if input.pos == input.size {
                if code == 0 { return try out.bytes(reserving: reserving) }
                // Nothing left to read and nothing came out: the frame is cut short.
                if written == 0 { throw .corrupt }
            }
        }
    }

    /// The window that a frame's header declares (RFC 8878, 3.1.1.1.2); nil when it declares a size instead, or is none.
    private static func windowSize(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= 6, bytes.loadUnaligned(as: UInt32.self).littleEndian == 0xFD2F_B528,
            bytes[4] & 0x20 == 0
        else { return nil }
        let base = 1 << (10 + Int(bytes[5] >> 3))
        return base + base / 8 * Int(bytes[5] & 7)
    }

    private static let compressors = ContextPool()
    private static let decompressors = ContextPool()
}
