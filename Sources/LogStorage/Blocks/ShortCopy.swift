/// Copies of a few bytes without a call: whole vectors, which may run over the end by up to `RawMemory.slack` bytes.
enum ShortCopy {
    /// Copies `count` bytes, and perhaps some more: both sides need `RawMemory.slack` bytes of room behind them.
    @inline(__always)
    static func copy(_ source: UnsafeRawPointer, _ count: Int, to out: UnsafeMutableRawPointer) {
        if count <= 32 {
            out.storeBytes(of: source.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
            if count > 16 {
                out.storeBytes(
                    of: source.loadUnaligned(fromByteOffset: 16, as: SIMD16<UInt8>.self), toByteOffset: 16,
                    as: SIMD16<UInt8>.self)
            }
        } else {
            out.copyMemory(from: source, byteCount: count)
        }
    }
}
