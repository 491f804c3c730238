/// Kahan's summation in Neumaier's form, step by step as Prometheus does it.
package struct CompensatedSum: Sendable {
    package var sum = 0.0
    package var compensation = 0.0

    @inlinable
    package init(sum: Double = 0, compensation: Double = 0) {
        self.sum = sum
        self.compensation = compensation
    }

    @inlinable
    package mutating func add(_ value: Double) {
        let total = sum + value
        if total.isInfinite {
            compensation = 0
        } else if sum.magnitude >= value.magnitude {
            compensation += (sum - total) + value
        } else {
            compensation += (value - total) + sum
        }
        sum = total
    }

    @inlinable
    package var result: Double { sum.isInfinite ? sum : sum + compensation }
}
