/// Finds digits in numbers without writing these out: all places of a number are held against a digit at once, in the bytes of a
/// word (decimal digits) or in its halves of bytes (hexadecimal ones).
struct DigitNeedle {
    /// Digits in one word of a decimal number.
    private static let perWord = 8
    private static let tenToTheEighth: UInt64 = 100_000_000

    /// Digits of the whole text.
    let count: Int
    /// Whether what was found must be looked at again: only its first digits were looked for.
    let isPrefix: Bool
    /// Each digit that is looked for, in all places of a word.
    private let patterns: [UInt64]

    /// `digits` are values from 0 to 9, not none.
    init(decimal digits: [UInt8]) {
        count = digits.count
        isPrefix = digits.count > Self.perWord
        patterns = digits.prefix(Self.perWord).map { UInt64($0) &* 0x0101_0101_0101_0101 }
    }

    /// `digits` are values from 0 to 15, not none.
    init(hexadecimal digits: [UInt8]) {
        count = digits.count
        isPrefix = digits.count > HexWindows.longest
        patterns = digits.prefix(HexWindows.longest).map { UInt64($0) &* 0x1111_1111_1111_1111 }
    }

    // MARK: Decimal digits

    /// Which of `DigitText` numbers have the digits.
    func places(in numbers: UnsafePointer<UInt64>, count: Int, verify: (Int) -> Bool) -> RowSet {
        let shortest = DigitText.smallest(ofLength: min(self.count, DigitText.maxDigits))
        return patterns.withUnsafeBufferPointer { patterns in
            RowSet(count) { place in
                let number = numbers[place]
                guard number >= shortest else { return false }
                let (value, length) = DigitText.value(number)
                guard length <= 2 * Self.perWord else { return verify(place) }
                return Self.find(patterns, in: value, length: length) && (!isPrefix || verify(place))
            }
        }
    }

    @inline(__always)
    private static func find(_ patterns: UnsafeBufferPointer<UInt64>, in value: UInt64, length: Int) -> Bool {
        var starts = UInt64.max
        var shift: UInt64 = 0
        if length <= perWord {
            let digits = digits(value)
            for pattern in patterns {
                starts &= equalBytes(digits, pattern) >> shift
                shift += 8
            }
            // The zeros before the first digit are none of it.
            let zeros = UInt64(perWord - length)
            return starts >> (8 * zeros) != 0
        }
        let (high, low) = value.quotientAndRemainder(dividingBy: tenToTheEighth)
        let first = digits(high)
        let second = digits(low)
        var later = UInt64.max
        for pattern in patterns {
            let inSecond = equalBytes(second, pattern)
            let reaching = inSecond << (64 - shift)
            let inFirst = equalBytes(first, pattern) >> shift
            starts &= inFirst | reaching
            later &= inSecond >> shift
            shift += 8
        }
        let zeros = UInt64(2 * perWord - length)
        return starts >> (8 * zeros) != 0 || later != 0
    }

    private static let upperBits: UInt64 = 0x8080_8080_8080_8080
    private static let lowerBits: UInt64 = 0x7F7F_7F7F_7F7F_7F7F

    /// The upper bit of each byte where the words are equal; all bytes are below 16.
    @inline(__always)
    private static func equalBytes(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let difference: UInt64 = a ^ b
        let others: UInt64 = (difference &+ lowerBits) & upperBits
        return others ^ upperBits
    }

    /// The eight digits of a value below 10^8, the first one in the lowest byte.
    @inline(__always)
    private static func digits(_ value: UInt64) -> UInt64 {
        // Fours, twos and single digits, each division by way of a product.
        let (high, low) = value.quotientAndRemainder(dividingBy: 10_000)
        let fours: UInt64 = high | low << 32
        let hundreds: UInt64 = ((fours &* 10_486) >> 20) & 0x0000_007F_0000_007F
        let units: UInt64 = fours &- hundreds &* 100
        let twos: UInt64 = hundreds | units << 16
        let tens: UInt64 = ((twos &* 103) >> 10) & 0x000F_000F_000F_000F
        let ones: UInt64 = twos &- tens &* 10
        return tens | ones << 8
    }

    // MARK: Hexadecimal digits

    /// Which of `count` values have the digits in one of the windows.
    func places(
        in values: UnsafePointer<UInt8>, count: Int, _ windows: HexWindows, verify: (Int) -> Bool
    ) -> RowSet {
        patterns.withUnsafeBufferPointer { patterns in
            RowSet(count) { place in
                let value = UnsafeRawPointer(values + place * windows.stride)
                for window in windows.windows {
                    let digits = UInt64(bigEndian: value.loadUnaligned(fromByteOffset: window.offset, as: UInt64.self))
                    var starts = window.starts
                    var shift: UInt64 = 0
                    for pattern in patterns {
                        starts &= Self.equalHalves(digits, pattern) << shift
                        shift += 4
                    }
                    if starts != 0 { return !isPrefix || verify(place) }
                }
                return false
            }
        }
    }

    private static let upperBitsOfHalves: UInt64 = 0x8888_8888_8888_8888
    private static let lowerBitsOfHalves: UInt64 = 0x7777_7777_7777_7777

    /// The upper bit of each half of a byte where the words are equal.
    @inline(__always)
    private static func equalHalves(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let difference: UInt64 = a ^ b
        let lower: UInt64 = (difference & lowerBitsOfHalves) &+ lowerBitsOfHalves
        let others: UInt64 = lower | difference
        return ~others & upperBitsOfHalves
    }
}
