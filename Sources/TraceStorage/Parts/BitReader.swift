/// Reads what `BitWriter` packed. The caller has checked that there are as many bits as it will ask for.
struct BitReader {
    private let bytes: UnsafeRawBufferPointer
    /// Bits from the start.
    private var position: Int

    /// Reads from a bit on.
    init(_ bytes: UnsafeRawBufferPointer, from position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// The next `width` bits, 0 to 64.
    @inline(__always)
    mutating func next(_ width: Int) -> UInt64 {
        if width == 0 { return 0 }
        let byte = position >> 3
        let shift = UInt64(position & 7)
        position += width
        if width <= 56, byte + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: byte, as: UInt64.self))
            return word >> shift & ((1 << UInt64(width)) &- 1)
        }
        return slow(byte, shift, width)
    }

    private func slow(_ byte: Int, _ shift: UInt64, _ width: Int) -> UInt64 {
        var low: UInt64 = 0
        for index in 0..<8 where byte + index < bytes.count { low |= UInt64(bytes[byte + index]) << UInt64(8 * index) }
        low >>= shift
        if shift > 0, byte + 8 < bytes.count { low |= UInt64(bytes[byte + 8]) << (64 - shift) }
        return width == 64 ? low : low & ((1 << UInt64(width)) &- 1)
    }
}
