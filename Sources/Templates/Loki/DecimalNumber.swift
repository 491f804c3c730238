import MartletCore

/// A decimal number of up to 38 digits: what `addf` and its kin count with, so that 0.1 + 0.2 is 0.3.
struct DecimalNumber {
    private let coefficient: Int128
    /// The power of ten that the coefficient is multiplied by.
    private let exponent: Int

    /// Digits behind the point of a quotient.
    private static let quotientDigits = 16

    private init(_ coefficient: Int128, _ exponent: Int) {
        self.coefficient = coefficient
        self.exponent = exponent
    }

    /// The shortest decimal that reads back as `value`; nil for infinities and NaN.
    init?(_ value: Double) {
        guard value.isFinite else { return nil }
        let text = "\(value)".lowercased()
        let parts = text.split(separator: "e")
        let digits = parts[0].filter { $0 != "." }
        let decimals = parts[0].split(separator: ".", omittingEmptySubsequences: false).dropFirst().first?.count ?? 0
        guard let coefficient = Int128(digits), let power = parts.count > 1 ? Int(parts[1]) : 0 else { return nil }
        self.init(coefficient, power - decimals)
    }

    /// The nearest floating-point number.
    var double: Double { Double("\(coefficient)e\(exponent)") ?? .nan }

    /// The sum, or nil when it has too many digits.
    func adding(_ other: DecimalNumber) -> DecimalNumber? {
        let low = min(exponent, other.exponent)
        guard let a = scaled(to: low), let b = other.scaled(to: low) else { return nil }
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? nil : DecimalNumber(sum, low)
    }

    /// The number with the other sign.
    var negated: DecimalNumber { DecimalNumber(0 - coefficient, exponent) }

    /// The product, or nil when it has too many digits.
    func multiplied(by other: DecimalNumber) -> DecimalNumber? {
        let (product, overflow) = coefficient.multipliedReportingOverflow(by: other.coefficient)
        return overflow ? nil : DecimalNumber(product, exponent + other.exponent)
    }

    /// The quotient to 16 places, halves away from zero; nil when it has too many digits. `other` is not zero.
    func divided(by other: DecimalNumber) -> DecimalNumber? {
        // coefficient · 10^exponent / (divisor · 10^exponent') in units of 10^-16
        let shift = exponent - other.exponent + Self.quotientDigits
        var numerator = coefficient
        var divisor = other.coefficient
        for _ in 0..<abs(shift) {
            let (product, overflow) = (shift > 0 ? numerator : divisor).multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            if shift > 0 { numerator = product } else { divisor = product }
        }
        let (quotient, rest) = numerator.quotientAndRemainder(dividingBy: divisor)
        let isHalf = rest.magnitude >= divisor.magnitude - rest.magnitude
        let away: Int128 = (numerator < 0) == (divisor < 0) ? 1 : -1
        return DecimalNumber(isHalf && rest != 0 ? quotient + away : quotient, -Self.quotientDigits)
    }

    var isZero: Bool { coefficient == 0 }

    private func scaled(to low: Int) -> Int128? {
        guard exponent - low <= 38 else { return nil }
        var value = coefficient
        for _ in low..<exponent {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            value = product
        }
        return value
    }
}
