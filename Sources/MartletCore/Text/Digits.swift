/// The shortest decimal digits of a number and where its point stands: 0.d1d2d3… × 10^point.
struct Digits {
    private let digits: UnsafePointer<UInt8>
    private let count: Int
    let point: Int

    /// Writes a value: its sign, then what `body` writes of its digits, of which there are at most 17; or the text of a value
    /// that has none. Gives how many bytes were written.
    static func write(
        _ value: Double, to out: UnsafeMutablePointer<UInt8>, _ body: (Digits, UnsafeMutablePointer<UInt8>) -> Int
    ) -> Int {
        if value.isNaN { return copy("NaN", to: out) }
        if value.isInfinite { return copy(value < 0 ? "-Inf" : "+Inf", to: out) }
        var start = out
        if value.sign == .minus {
            start[0] = UInt8(ascii: "-")
            start += 1
        }
        if value == 0 {
            start[0] = UInt8(ascii: "0")
            return start - out + 1
        }
        var storage: (UInt64, UInt64, UInt64) = (0, 0, 0)
        let written = withUnsafeMutableBytes(of: &storage) { bytes in
            guard let digits = bytes.bindMemory(to: UInt8.self).baseAddress else { return 0 }
            let decimal = ShortestDecimal(value.magnitude)
            let count = DecimalDigits.write(decimal.significand, to: digits)
            let significant = DecimalDigits.withoutTrailingZeros(digits, count)
            return body(
                Digits(digits: UnsafePointer(digits), count: significant, point: count + decimal.exponent), start)
        }
        return start - out + written
    }

    /// Writes the number without an exponent; gives how many bytes.
    func writePlain(to out: UnsafeMutablePointer<UInt8>) -> Int {
        if point <= 0 {
            out[0] = UInt8(ascii: "0")
            out[1] = UInt8(ascii: ".")
            (out + 2).update(repeating: UInt8(ascii: "0"), count: -point)
            (out + 2 - point).update(from: digits, count: count)
            return 2 - point + count
        }
        if point >= count {
            out.update(from: digits, count: count)
            (out + count).update(repeating: UInt8(ascii: "0"), count: point - count)
            return point
        }
        out.update(from: digits, count: point)
        out[point] = UInt8(ascii: ".")
        (out + point + 1).update(from: digits + point, count: count - point)
        return count + 1
    }

    /// Writes the number with an exponent of at least two digits, as Go prints it; gives how many bytes.
    func writeExponential(to out: UnsafeMutablePointer<UInt8>) -> Int {
        var end = out
        end[0] = digits[0]
        end += 1
        if count > 1 {
            end[0] = UInt8(ascii: ".")
            (end + 1).update(from: digits + 1, count: count - 1)
            end += count
        }
        let exponent = point - 1
        end[0] = UInt8(ascii: "e")
        end[1] = UInt8(ascii: exponent < 0 ? "-" : "+")
        end += 2
        if exponent.magnitude < 10 {
            end[0] = UInt8(ascii: "0")
            end += 1
        }
        return end - out + FloatText.write(Int64(exponent.magnitude), to: end)
    }

    private static func copy(_ text: StaticString, to out: UnsafeMutablePointer<UInt8>) -> Int {
        out.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        return text.utf8CodeUnitCount
    }
}
