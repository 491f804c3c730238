/// The shortest decimal that reads back to a number, and of those the closest to it: `significand` × 10^`exponent`. The
/// significand may end in zeros.
///
/// The way of R. Giulietti, "The Schubfach way to render doubles" (2020): of the decimals with so many digits that one or
/// two of them lie in the interval that rounds to the number, it takes one, with three products of 64 by 128 bits.
struct ShortestDecimal {
    let significand: UInt64
    let exponent: Int

    /// Of a finite value above zero.
    init(_ value: Double) {
        let fraction = value.significandBitPattern
        let isNormal = value.exponentBitPattern > 0
        // value = c × 2^q
        let c = isNormal ? fraction | 1 << 52 : fraction
        let q = (isNormal ? Int(value.exponentBitPattern) : 1) - 1075
        // Below a power of two numbers lie closer together.
        let isLowerCloser = fraction == 0 && value.exponentBitPattern > 1
        let k = (q &* 1_262_611 &- (isLowerCloser ? 524_031 : 0)) &>> 22
        let shift = UInt64(truncatingIfNeeded: q &+ (-k &* 1_741_647) &>> 19 &+ 1)
        let power = PowerOfTen.table[PowerOfTen.position(of: -k)]
        // Four times the number and the edges of its interval, in units of 10^k. An edge belongs to it when c is even.
        let middle = power.times((4 &* c) &<< shift)
        let lower = power.times((4 &* c &- (isLowerCloser ? 1 : 2)) &<< shift) &+ c & 1
        let upper = power.times((4 &* c &+ 2) &<< shift) &- c & 1
        let floor = middle &>> 2
        if floor >= 10 {
            let tens = floor / 10
            let isBelowInside = lower <= 40 &* tens
            let isAboveInside = 40 &* tens &+ 40 <= upper
            if isBelowInside != isAboveInside {
                (significand, exponent) = (isAboveInside ? tens &+ 1 : tens, k + 1)
                return
            }
        }
        exponent = k
        let isBelowInside = lower <= 4 &* floor
        let isAboveInside = 4 &* floor &+ 4 <= upper
        if isBelowInside != isAboveInside {
            significand = isAboveInside ? floor &+ 1 : floor
        } else {
            // The closer one; in the middle the even one.
            let half = 4 &* floor &+ 2
            significand = middle > half || (middle == half && floor & 1 != 0) ? floor &+ 1 : floor
        }
    }
}

/// The upper 128 bits of a power of ten, rounded up, the highest bit set.
private struct PowerOfTen {
    var high: UInt64
    var low: UInt64

    /// The exponents that doubles need.
    private static let exponents = -292...324

    /// Powers by `position`.
    static let table: [PowerOfTen] = powersBelowOne() + powersFromOne()

    @inline(__always)
    static func position(of exponent: Int) -> Int { exponent &- exponents.lowerBound }

    /// The upper 64 of the 192 bits of a product, with the lowest set when more follow ("round to odd").
    @inline(__always)
    func times(_ factor: UInt64) -> UInt64 {
        let below = low.multipliedFullWidth(by: factor).high
        let product = high.multipliedFullWidth(by: factor)
        let (rest, carry) = product.low.addingReportingOverflow(below)
        return (product.high &+ (carry ? 1 : 0)) | (rest > 1 ? 1 : 0)
    }

    private static func powersFromOne() -> [PowerOfTen] {
        var number: [UInt32] = [1]
        return (0...exponents.upperBound).map { exponent in
            if exponent > 0 {
                var carry: UInt64 = 0
                for index in number.indices {
                    carry += UInt64(number[index]) * 10
                    number[index] = UInt32(truncatingIfNeeded: carry)
                    carry >>= 32
                }
                if carry > 0 { number.append(UInt32(carry)) }
            }
            return PowerOfTen(upper: number, isExact: true)
        }
    }

    /// A power of two, divided by ten again and again: what is cut off every time is less than the division by the whole
    /// power would leave.
    private static func powersBelowOne() -> [PowerOfTen] {
        // Enough words that 128 bits and more are left at the end.
        var number = [UInt32](repeating: 0, count: 36) + [1]
        let powers = (1 ... -exponents.lowerBound).map { _ in
            var rest: UInt64 = 0
            for index in number.indices.reversed() {
                rest = rest << 32 | UInt64(number[index])
                number[index] = UInt32(rest / 10)
                rest %= 10
            }
            // No negative power ends.
            return PowerOfTen(upper: number, isExact: false)
        }
        return powers.reversed()
    }

    /// The upper bits of a number in words, the lowest first, rounded up.
    private init(upper words: [UInt32], isExact: Bool) {
        let top = words.lastIndex { $0 != 0 } ?? 0
        func word(_ below: Int) -> UInt64 { below <= top ? UInt64(words[top - below]) : 0 }
        let shift = UInt64(words[top].leadingZeroBitCount)
        // Five words hold 128 bits from the highest that is set.
        let (first, second, third) = (word(0) << 32 | word(1), word(2) << 32 | word(3), word(4) << 32)
        high = first << shift | (shift == 0 ? 0 : second >> (64 - shift))
        low = second << shift | (shift == 0 ? 0 : third >> (64 - shift))
        let isCutOff = third << shift != 0 || (top >= 5 && words[..<(top - 4)].contains { $0 != 0 })
        if isCutOff || !isExact {
            let (sum, carry) = low.addingReportingOverflow(1)
            low = sum
            high += carry ? 1 : 0
        }
    }
}
