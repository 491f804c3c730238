/// Floating-point numbers as the field's programs print them: the shortest digits that read back to the same value.
package enum FloatText {
    /// As Prometheus' JSON API prints sample values: plain digits, an exponent only when 0 < |v| < 1e-6 or
    /// |v| ≥ 1e21 (`1e+21`, `1e-07`), and `NaN`, `+Inf`, `-Inf`.
    package static func append(_ value: Double, to out: inout [UInt8]) {
        if appendSmallInteger(value, to: &out) { return }
        guard let digits = Digits(value, to: &out) else { return }
        let magnitude = value.magnitude
        if magnitude < 1e-6 || magnitude >= 1e21 {
            digits.appendExponential(to: &out)
        } else {
            digits.appendPlain(to: &out)
        }
    }

    /// Go's `strconv.FormatFloat(v, 'g', -1, 64)`: with an exponent when that is below -4 or at least 6, as in the
    /// exposition formats (`1e+06`, `1.23456789e+08`).
    package static func appendGeneral(_ value: Double, to out: inout [UInt8]) {
        guard let digits = Digits(value, to: &out) else { return }
        let exponent = digits.point - 1
        if exponent < -4 || exponent >= 6 {
            digits.appendExponential(to: &out)
        } else {
            digits.appendPlain(to: &out)
        }
    }

    /// Go's `strconv.FormatFloat(v, 'f', -1, 64)`: never an exponent.
    package static func appendFixed(_ value: Double, to out: inout [UInt8]) {
        if appendSmallInteger(value, to: &out) { return }
        guard let digits = Digits(value, to: &out) else { return }
        digits.appendPlain(to: &out)
    }

    /// Go's `strconv.FormatFloat(v, 'e', -1, 64)`: always an exponent (`1e+00`).
    package static func exponential(_ value: Double) -> String {
        var out: [UInt8] = []
        if value == 0 {
            out += (value.sign == .minus ? "-0e+00" : "0e+00").utf8
        } else if let digits = Digits(value, to: &out) {
            digits.appendExponential(to: &out)
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The JSON API's text as a String.
    package static func string(_ value: Double) -> String {
        var out: [UInt8] = []
        append(value, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// `appendFixed` as a String.
    package static func fixed(_ value: Double) -> String {
        var out: [UInt8] = []
        appendFixed(value, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// `appendGeneral` as a String.
    package static func general(_ value: Double) -> String {
        var out: [UInt8] = []
        appendGeneral(value, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// Appends an integer's decimal digits.
    package static func appendInteger(_ value: Int64, to out: inout [UInt8]) {
        var rest = value.magnitude
        if value < 0 { out.append(UInt8(ascii: "-")) }
        if rest < 10 {
            out.append(UInt8(ascii: "0") + UInt8(rest))
            return
        }
        // Filled from the back: an Int64 has at most 19 digits.
        var storage: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &storage) { digits in
            var index = digits.count
            while rest > 0 {
                let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
                index -= 1
                digits[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: remainder)
                rest = quotient
            }
            out.append(contentsOf: digits[index...])
        }
    }

    private static func appendSmallInteger(_ value: Double, to out: inout [UInt8]) -> Bool {
        guard value.magnitude < 9_007_199_254_740_992, value == value.rounded(.towardZero) else { return false }
        if value == 0, value.sign == .minus {
            out.append(contentsOf: "-0".utf8)
        } else {
            appendInteger(Int64(value), to: &out)
        }
        return true
    }
}

/// The shortest decimal digits of a number and where its point stands: 0.d1d2d3… × 10^point.
private struct Digits {
    private var storage: (UInt64, UInt64, UInt64) = (0, 0, 0)
    private var count = 0
    private(set) var point = 0

    /// Nil for values that have no digits; their text is appended to `out` at once. So is the sign.
    init?(_ value: Double, to out: inout [UInt8]) {
        if value.isNaN {
            out.append(contentsOf: "NaN".utf8)
            return nil
        }
        if value.isInfinite {
            out.append(contentsOf: (value < 0 ? "-Inf" : "+Inf").utf8)
            return nil
        }
        if value.sign == .minus { out.append(UInt8(ascii: "-")) }
        if value == 0 {
            out.append(UInt8(ascii: "0"))
            return nil
        }
        var text = value.magnitude.description
        text.withUTF8 { parse($0) }
    }

    /// Reads Swift's own shortest form: `123.45`, `1e-07`, `1.5e+300`.
    private mutating func parse(_ text: UnsafeBufferPointer<UInt8>) {
        var exponent = 0
        var sawPoint = false
        var digitsBeforePoint = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            if byte == UInt8(ascii: ".") {
                sawPoint = true
            } else if byte == UInt8(ascii: "e") {
                var negative = false
                while index < text.count {
                    let digit = text[index]
                    if digit == UInt8(ascii: "-") { negative = true }
                    if digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") {
                        exponent = exponent * 10 + Int(digit - UInt8(ascii: "0"))
                    }
                    index += 1
                }
                if negative { exponent = -exponent }
            } else {
                if count > 0 || byte != UInt8(ascii: "0") {
                    push(byte)
                    if !sawPoint { digitsBeforePoint += 1 }
                } else if sawPoint {
                    digitsBeforePoint -= 1  // a zero between the point and the first digit
                }
            }
        }
        point = digitsBeforePoint + exponent
        while count > 1, self[count - 1] == UInt8(ascii: "0") { count -= 1 }
    }

    private mutating func push(_ byte: UInt8) {
        withUnsafeMutableBytes(of: &storage) { if count < $0.count { $0[count] = byte } }
        count += 1
    }

    private subscript(index: Int) -> UInt8 {
        withUnsafeBytes(of: storage) { $0[index] }
    }

    private func append(_ range: Range<Int>, to out: inout [UInt8]) {
        withUnsafeBytes(of: storage) { out.append(contentsOf: $0[range]) }
    }

    func appendPlain(to out: inout [UInt8]) {
        if point <= 0 {
            out.append(contentsOf: "0.".utf8)
            out.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -point))
            append(0..<count, to: &out)
        } else if point >= count {
            append(0..<count, to: &out)
            out.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: point - count))
        } else {
            append(0..<point, to: &out)
            out.append(UInt8(ascii: "."))
            append(point..<count, to: &out)
        }
    }

    /// At least two digits in the exponent, as Go prints it.
    func appendExponential(to out: inout [UInt8]) {
        append(0..<1, to: &out)
        if count > 1 {
            out.append(UInt8(ascii: "."))
            append(1..<count, to: &out)
        }
        let exponent = point - 1
        out.append(UInt8(ascii: "e"))
        out.append(UInt8(ascii: exponent < 0 ? "-" : "+"))
        if exponent.magnitude < 10 { out.append(UInt8(ascii: "0")) }
        FloatText.appendInteger(Int64(exponent.magnitude), to: &out)
    }
}
