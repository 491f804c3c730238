import Glibc

/// Exponentiation for `^`.
enum Power {
    static func of(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

    /// The integer power; nil when the exponent is negative or the result does not fit.
    static func exact(_ base: Int64, _ exponent: Int64) -> Int64? {
        guard exponent >= 0 else { return nil }
        var result: Int64 = 1
        var square = base
        var rest = exponent
        while rest > 0 {
            if rest & 1 == 1 {
                let product = result.multipliedReportingOverflow(by: square)
                if product.overflow { return nil }
                result = product.partialValue
            }
            rest >>= 1
            if rest > 0 {
                let product = square.multipliedReportingOverflow(by: square)
                if product.overflow { return nil }
                square = product.partialValue
            }
        }
        return result
    }
}
