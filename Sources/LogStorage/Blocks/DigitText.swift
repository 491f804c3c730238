/// Numbers for strings of decimal digits, one for each string of up to 19 digits, leading zeros and all.
///
/// A string of L digits with value v is `offset[L] + v` where offset[L] = 1 + 10 + … + 10^(L-1): first come the strings of
/// one digit, then those of two, and so on.
package enum DigitText {
    /// Digits of the longest string that has a number.
    package static let maxDigits = 19

    /// Bijection, pairs of digits and lengths by bit width, in memory that is never freed.
    private struct Tables: @unchecked Sendable {
        // Sendable holds because the memory is never written after it was filled.
        let offsets: UnsafePointer<UInt64>
        let pairs: UnsafePointer<UInt16>
        let lengths: UnsafePointer<UInt8>

        init() {
            let offsets = UnsafeMutablePointer<UInt64>.allocate(capacity: 21)
            offsets[0] = 0
            var power: UInt64 = 1
            for length in 1...DigitText.maxDigits {
                offsets[length] = offsets[length - 1] + power
                power = length == DigitText.maxDigits ? power : power * 10
            }
            // One more, as the bound that ends the last range: no number reaches it.
            offsets[20] = .max
            let pairs = UnsafeMutablePointer<UInt16>.allocate(capacity: 100)
            for pair in 0..<100 {
                pairs[pair] = UInt16(littleEndian: UInt16(48 + pair / 10) | UInt16(48 + pair % 10) << 8)
            }
            let lengths = UnsafeMutablePointer<UInt8>.allocate(capacity: 65)
            for bits in 0...64 {
                let largest: UInt64 = bits == 64 ? .max : (1 << UInt64(bits)) - 1
                var length = DigitText.maxDigits
                while length > 1, offsets[length] > largest { length -= 1 }
                lengths[bits] = UInt8(length)
            }
            self.offsets = UnsafePointer(offsets)
            self.pairs = UnsafePointer(pairs)
            self.lengths = UnsafePointer(lengths)
        }
    }

    private static let tables = Tables()

    /// The largest number that stands for a string.
    package static let largest: UInt64 = tables.offsets[maxDigits] + 9_999_999_999_999_999_999

    /// The number of a string of 1 to 19 digits.
    package static func number(_ text: UnsafePointer<UInt8>, count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<count { value = value &* 10 &+ UInt64(text[index] &- 48) }
        return value &+ tables.offsets[count]
    }

    /// Reads many short strings.
    struct Reader {
        private let offsets = tables.offsets

        /// The number of a string of 1 to 8 digits that `ShortText.lastWord` gave.
        @inline(__always)
        func number(word: UInt64, count: Int) -> UInt64 {
            // Digits go together by twos, fours and eights; zeros before the first are digits too.
            var value = word & 0x0F0F_0F0F_0F0F_0F0F
            value = (value &* (10 << 8 | 1)) >> 8 & 0x00FF_00FF_00FF_00FF
            value = (value &* (100 << 16 | 1)) >> 16 & 0x0000_FFFF_0000_FFFF
            value = (value &* (10_000 << 32 | 1)) >> 32
            return value &+ offsets[count]
        }
    }

    /// How many of eight bytes are digits before one that is not.
    @inline(__always)
    static func leadingDigits(_ word: UInt64) -> Int {
        // The upper bit of each byte up to the first that is no digit says so; a carry only reaches those behind it.
        let digits = word ^ 0x3030_3030_3030_3030
        let others = (digits &+ 0x7676_7676_7676_7676 | digits) & 0x8080_8080_8080_8080
        return others.trailingZeroBitCount >> 3
    }

    /// The number of the first string of a length, from 1 to `maxDigits`.
    static func smallest(ofLength length: Int) -> UInt64 { tables.offsets[length] }

    /// The value of the string of a number from 1 to `largest`, and its length.
    @inline(__always)
    static func value(_ number: UInt64) -> (value: UInt64, length: Int) {
        let length = length(number)
        return (number &- tables.offsets[length], length)
    }

    /// The length of the string of a number from 1 to `largest`.
    package static func length(_ number: UInt64) -> Int {
        let length = Int(tables.lengths[64 - number.leadingZeroBitCount])
        return number < tables.offsets[length] ? length - 1 : length
    }

    /// Writes the string of a number from 1 to `largest`; at most 19 bytes. Returns its length.
    package static func write(_ number: UInt64, to out: UnsafeMutableRawPointer) -> Int {
        let length = length(number)
        var value = number &- tables.offsets[length]
        var place = length
        while place >= 2 {
            let (rest, pair) = value.quotientAndRemainder(dividingBy: 100)
            place -= 2
            out.storeBytes(of: tables.pairs[Int(truncatingIfNeeded: pair)], toByteOffset: place, as: UInt16.self)
            value = rest
        }
        if place == 1 { out.storeBytes(of: UInt8(48 &+ value), as: UInt8.self) }
        return length
    }
}
