/// Writes bits to memory from the most significant on. What is not yet a whole byte waits in a register.
///
/// The memory must have room for what is written and seven bytes more, which may be overwritten.
struct BitWriter {
    private var place: UnsafeMutableRawPointer
    private let base: UnsafeMutableRawPointer
    /// Bits that are not yet stored for good, from the top; `used` of them, at most 7 between two calls.
    private var pending: UInt64
    private var used: UInt64

    /// Goes on behind so many bits.
    @inline(__always)
    init(_ base: UnsafeMutableRawPointer, at bits: UInt32) {
        self.base = base
        place = base + Int(bits >> 3)
        used = UInt64(bits & 7)
        // All bits behind the used ones are overwritten, so that memory need not be cleared beforehand.
        let first = UInt64(place.load(as: UInt8.self)) &<< 56
        pending = first & ~(UInt64.max &>> used)
    }

    /// Writes the low `width` bits of `value`, at most 56; the others must be zero.
    @inline(__always)
    mutating func write(_ value: UInt64, _ width: UInt64) {
        used &+= width
        pending |= value &<< (64 &- used)
        place.storeBytes(of: pending.bigEndian, as: UInt64.self)
        let whole = used &>> 3
        place += Int(truncatingIfNeeded: whole)
        // At most 63 bits were used, so that seven bytes are whole at most.
        pending = pending &<< (whole &* 8)
        used &= 7
    }

    /// A number in LEB128.
    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            write(rest & 0x7F | 0x80, 8)
            rest &>>= 7
        }
        write(rest, 8)
    }

    /// The number of bits before the next, counted from the base. All are in memory.
    @inline(__always)
    func finish() -> UInt32 { UInt32(truncatingIfNeeded: (place - base) &* 8) &+ UInt32(truncatingIfNeeded: used) }
}
