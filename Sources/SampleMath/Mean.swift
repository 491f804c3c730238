/// The arithmetic mean, added up with compensation; where the sum would overflow it goes on incrementally.
package struct Mean: Sendable {
    private var count = 0.0
    private var total = CompensatedSum()
    private var incremental = false

    package init() {}

    package mutating func add(_ value: Double) {
        count += 1
        if !incremental {
            var next = total
            next.add(value)
            if count == 1 || !next.sum.isInfinite {
                total = next
                return
            }
            incremental = true
            total.sum /= count - 1
            total.compensation /= count - 1
        }
        if total.sum.isInfinite {
            // An infinite mean stays what it is, unless the opposite infinity or NaN comes.
            if value.isInfinite, (total.sum > 0) == (value > 0) { return }
            if value.isFinite { return }
        }
        let share = (count - 1) / count
        total = CompensatedSum(sum: share * total.sum, compensation: share * total.compensation)
        total.add(value / count)
    }

    package var result: Double {
        incremental ? total.sum + total.compensation : total.sum / count + total.compensation / count
    }

    /// The mean of a run of values, of which there is at least one.
    package static func of(_ values: [Double], _ range: Range<Int>) -> Double {
        var mean = Mean()
        for index in range { mean.add(values[index]) }
        return mean.result
    }
}
