/// Bits on their way into a chunk, from the most significant on, with the number formats of Prometheus' chunks.
struct BitBuffer {
    /// The bits so far; the rest of the last byte is zero.
    private(set) var bytes: [UInt8] = []
    /// Bits of the last byte that are taken.
    private var used = 8

    /// Starts behind whole bytes.
    init(_ bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    /// Writes the low `width` bits of `value`, at most 64.
    mutating func write(_ value: UInt64, _ width: Int) {
        var left = width
        while left > 0 {
            if used == 8 {
                bytes.append(0)
                used = 0
            }
            let taken = min(left, 8 - used)
            let piece = value >> UInt64(left - taken) & (1 << UInt64(taken) - 1)
            bytes[bytes.count - 1] |= UInt8(piece << UInt64(8 - used - taken))
            used += taken
            left -= taken
        }
    }

    /// Overwrites a byte of those that were given at the start.
    mutating func patch(_ index: Int, _ byte: UInt8) { bytes[index] = byte }

    /// A number by size: `0`, then 1…8 ones that say how many bits follow; the ranges are those of `Varbit`.
    mutating func varbit(_ value: Int64) {
        if value == 0 { return write(0, 1) }
        for (prefix, width) in Varbit.widths.enumerated() where Varbit.fits(value, width) {
            // `10`, `110`, …: the last but one of the prefixes is as long as the last.
            write((1 << UInt64(prefix + 2)) - 2, prefix + 2)
            return write(UInt64(bitPattern: value), width)
        }
        write(0xFF, 8)
        write(UInt64(bitPattern: value), 64)
    }

    /// The same for a number without sign.
    mutating func uvarbit(_ value: UInt64) {
        if value == 0 { return write(0, 1) }
        for (prefix, width) in Varbit.widths.enumerated() where value < 1 << UInt64(width) {
            write((1 << UInt64(prefix + 2)) - 2, prefix + 2)
            return write(value, width)
        }
        write(0xFF, 8)
        write(value, 64)
    }

    /// The difference to the value before: `0` none, `10` bits in the last window, `11` and a new window.
    mutating func xor(_ change: UInt64, _ window: inout XORWindow) {
        guard change != 0 else { return write(0, 1) }
        let leading = UInt8(min(change.leadingZeroBitCount, 31))
        let trailing = UInt8(change.trailingZeroBitCount)
        if window.isSet, leading >= window.leading, trailing >= window.trailing {
            write(0b10, 2)
        } else {
            window = XORWindow(leading: leading, trailing: trailing)
            write(0b11, 2)
            write(UInt64(leading), 5)
            // 6 bits hold 0...63; all 64 bits significant is written as 0.
            write(UInt64(window.width) & 0x3F, 6)
        }
        write(change >> UInt64(window.trailing), window.width)
    }
}

/// The bits in which a value differed from the one before it.
struct XORWindow {
    var leading: UInt8 = 0xFF
    var trailing: UInt8 = 0

    var isSet: Bool { leading != 0xFF }
    var width: Int { 64 - Int(leading) - Int(trailing) }
}

/// Prometheus' numbers of variable bits: a prefix of ones that a zero ends says how wide the number is.
enum Varbit {
    /// Widths for the prefixes of one to seven ones; after eight ones come 64 bits.
    static let widths = [3, 6, 9, 12, 18, 25, 56]

    /// A field of n bits holds -(2^(n-1) - 1) … 2^(n-1).
    static func fits(_ value: Int64, _ width: Int) -> Bool {
        let limit: Int64 = 1 << Int64(width - 1)
        return value > -limit && value <= limit
    }
}
