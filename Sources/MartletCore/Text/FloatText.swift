/// Floating-point numbers as the field's programs print them: the shortest digits that read back to the same value.
package enum FloatText {
    /// Bytes that `write` writes at most.
    package static let maxBytes = 32

    /// Bytes that `write` touches at most for an integer.
    package static let maxIntegerBytes = 20 + DecimalDigits.slack

    /// Writes a value as Prometheus' JSON API prints samples: plain digits, an exponent only when 0 < |v| < 1e-6 or
    /// |v| ≥ 1e21 (`1e+21`, `1e-07`), and `NaN`, `+Inf`, `-Inf`. There must be room for `maxBytes`; gives how many were
    /// written.
    package static func write(_ value: Double, to out: UnsafeMutablePointer<UInt8>) -> Int {
        if let integer = smallInteger(value) { return write(integer, to: out) }
        return Digits.write(value, to: out) { digits, out in
            let magnitude = value.magnitude
            return magnitude < 1e-6 || magnitude >= 1e21
                ? digits.writeExponential(to: out) : digits.writePlain(to: out)
        }
    }

    /// As `write`, to the end of an array.
    package static func append(_ value: Double, to out: inout [UInt8]) {
        append(maxBytes, to: &out) { write(value, to: $0) }
    }

    /// Go's `strconv.FormatFloat(v, 'g', -1, 64)`: with an exponent when that is below -4 or at least 6, as in the
    /// exposition formats (`1e+06`, `1.23456789e+08`).
    package static func appendGeneral(_ value: Double, to out: inout [UInt8]) {
        append(maxBytes, to: &out) { out in
            Digits.write(value, to: out) { digits, out in
                let exponent = digits.point - 1
                return exponent < -4 || exponent >= 6
                    ? digits.writeExponential(to: out) : digits.writePlain(to: out)
            }
        }
    }

    /// As OpenMetrics spells the labels `le` and `quantile`: as `appendGeneral` does, though never digits alone (`1.0`,
    /// `1e+06`), and zero without a sign.
    package static func appendOpenMetrics(_ value: Double, to out: inout [UInt8]) {
        let start = out.count
        appendGeneral(value == 0 ? 0 : value, to: &out)
        guard value.isFinite, !out[start...].contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") })
        else { return }
        out.append(contentsOf: ".0".utf8)
    }

    /// Go's `strconv.FormatFloat(v, 'f', -1, 64)`: never an exponent.
    package static func appendFixed(_ value: Double, to out: inout [UInt8]) {
        if let integer = smallInteger(value) { return append(maxBytes, to: &out) { write(integer, to: $0) } }
        // A sign, "0.", 323 zeros and 17 digits.
        append(352, to: &out) { Digits.write(value, to: $0) { digits, out in digits.writePlain(to: out) } }
    }

    /// Go's `strconv.FormatFloat(v, 'e', -1, 64)`: always an exponent (`1e+00`).
    package static func exponential(_ value: Double) -> String {
        if value == 0 { return value.sign == .minus ? "-0e+00" : "0e+00" }
        var out: [UInt8] = []
        append(maxBytes, to: &out) { Digits.write(value, to: $0) { digits, out in digits.writeExponential(to: out) } }
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

    /// `appendOpenMetrics` as a String.
    package static func openMetrics(_ value: Double) -> String {
        var out: [UInt8] = []
        appendOpenMetrics(value, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// Writes an integer's decimal digits, at most 20 bytes with its sign, and gives how many. There must be room for
    /// `maxIntegerBytes`.
    package static func write(_ value: Int64, to out: UnsafeMutablePointer<UInt8>) -> Int {
        var start = out
        if value < 0 {
            start[0] = UInt8(ascii: "-")
            start += 1
        }
        let count = DecimalDigits.write(value.magnitude, to: start)
        return start - out + count
    }

    /// Appends an integer's decimal digits.
    package static func appendInteger(_ value: Int64, to out: inout [UInt8]) {
        append(maxIntegerBytes, to: &out) { write(value, to: $0) }
    }

    /// Appends what `body` writes to memory of a size.
    private static func append(
        _ size: Int, to out: inout [UInt8], _ body: (UnsafeMutablePointer<UInt8>) -> Int
    ) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: size) { buffer in
            guard let base = buffer.baseAddress else { return }
            let count = body(base)
            out.append(contentsOf: UnsafeBufferPointer(start: base, count: count))
        }
    }

    /// The value as an integer, if it is one that a double holds exactly. A negative zero is none.
    private static func smallInteger(_ value: Double) -> Int64? {
        guard value.magnitude < 9_007_199_254_740_992, value == value.rounded(.towardZero) else { return nil }
        return value == 0 && value.sign == .minus ? nil : Int64(value)
    }
}
