/// Short names as numbers, which compare faster than bytes.
enum PackedName {
    /// Up to eight bytes as a number, the first one lowest, zeroes behind them.
    @inline(__always)
    static func pack(_ name: UnsafeRawBufferPointer) -> UInt64 {
        let count = name.count
        switch count {
        case 8: return UInt64(littleEndian: name.loadUnaligned(as: UInt64.self))
        case 4...7:
            // Two halves, which overlap where there are fewer than eight.
            let first = UInt64(UInt32(littleEndian: name.loadUnaligned(as: UInt32.self)))
            let last = UInt64(UInt32(littleEndian: name.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)))
            return first | last << UInt64(8 * (count - 4))
        default:
            var packed: UInt64 = 0
            for place in 0..<min(count, 3) { packed |= UInt64(name[place]) << UInt64(8 * place) }
            return packed
        }
    }
}
