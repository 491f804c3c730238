/// Decimal digits of integers as text, eight at a time.
enum DecimalDigits {
    /// Bytes that `write` may touch beyond the digits that it writes.
    static let slack = 7

    /// Writes a number's digits and gives how many; touches up to `slack` bytes behind them.
    static func write(_ value: UInt64, to out: UnsafeMutablePointer<UInt8>) -> Int {
        if value < 100_000_000 { return writeFew(value, to: out) }
        let (rest, last) = value.quotientAndRemainder(dividingBy: 100_000_000)
        let count = rest < 100_000_000 ? writeFew(rest, to: out) : write(rest, to: out)
        store(eight(last) | zeros, to: out + count)
        return count + 8
    }

    /// How many digits are left of `count` without the zeros at their end; at least one.
    static func withoutTrailingZeros(_ digits: UnsafePointer<UInt8>, _ count: Int) -> Int {
        var count = count
        while count > 8, UnsafeRawPointer(digits + count - 8).loadUnaligned(as: UInt64.self) == zeros { count -= 8 }
        while count > 1, digits[count - 1] == UInt8(ascii: "0") { count -= 1 }
        return count
    }

    /// Eight times the digit 0 as text.
    private static let zeros: UInt64 = 0x3030_3030_3030_3030

    @inline(__always)
    private static func writeFew(_ value: UInt64, to out: UnsafeMutablePointer<UInt8>) -> Int {
        let digits = eight(value)
        let leading = min(7, digits.trailingZeroBitCount >> 3)
        store((digits | zeros) >> UInt64(leading * 8), to: out)
        return 8 - leading
    }

    @inline(__always)
    private static func store(_ bytes: UInt64, to out: UnsafeMutablePointer<UInt8>) {
        UnsafeMutableRawPointer(out).storeBytes(of: bytes.littleEndian, as: UInt64.self)
    }

    /// The digits of a number below 10^8, one a byte, the first in the lowest: split in two halves of four digits, those in
    /// pairs, those in single ones, all halves at once. Divisions by 100 and 10 are products that are exact for so few digits.
    @inline(__always)
    private static func eight(_ value: UInt64) -> UInt64 {
        let (high, low) = value.quotientAndRemainder(dividingBy: 10_000)
        let fours = high | low &<< 32
        let hundreds = (fours &* 10_486) &>> 20 & 0x0000_007F_0000_007F
        let pairs = hundreds | (fours &- hundreds &* 100) &<< 16
        let tens = (pairs &* 103) &>> 10 & 0x000F_000F_000F_000F
        return tens | (pairs &- tens &* 10) &<< 8
    }
}
