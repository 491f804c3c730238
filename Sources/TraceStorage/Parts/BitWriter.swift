/// Packs numbers of any width up to 64 bits, least significant bit first.
struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var pending: UInt64 = 0
    private var count: UInt64 = 0

    init(reserving bits: Int) {
        bytes.reserveCapacity(bits / 8 + 9)
    }

    /// Appends the lowest `width` bits; those above must be zero.
    @inline(__always)
    mutating func append(_ value: UInt64, width: UInt64) {
        if width == 0 { return }
        pending |= value << count
        if count + width < 64 {
            count += width
            return
        }
        withUnsafeBytes(of: pending.littleEndian) { bytes.append(contentsOf: $0) }
        let taken = 64 - count
        pending = taken == 64 ? 0 : value >> taken
        count = width - taken
    }

    /// Ends with the bits that do not fill a word.
    mutating func finish() -> [UInt8] {
        var left = count
        while left > 0 {
            bytes.append(UInt8(truncatingIfNeeded: pending))
            pending >>= 8
            left -= min(left, 8)
        }
        count = 0
        return bytes
    }
}
