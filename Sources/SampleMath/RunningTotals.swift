/// Totals of a series from its first sample on, in twice the precision of a double: a window's sum is the difference of two.
///
/// Each total is a sum of two doubles; additions keep their rounding errors (Knuth's TwoSum; Dekker, "A floating-point
/// technique for extending the available precision", 1971). A difference that is too small beside the totals to be exact is
/// not given out.
struct RunningTotals {
    /// Values must be smaller, so that no total of a series overflows.
    private static let valueBound = 0x1p+960

    /// One place more than there are values: the total before each, and that of all.
    private var high: [Double] = []
    private var low: [Double] = []
    /// Sums must be this large.
    private var least = 0.0

    /// Adds up a series; false when it has values that cannot be: then there are no totals.
    mutating func add(up values: UnsafeBufferPointer<Double>) -> Bool {
        high.removeAll(keepingCapacity: true)
        low.removeAll(keepingCapacity: true)
        high.reserveCapacity(values.count + 1)
        low.reserveCapacity(values.count + 1)
        var total = 0.0
        var rest = 0.0
        var largest = 0.0
        high.append(0)
        low.append(0)
        for value in values {
            guard value.magnitude < Self.valueBound else { return false }
            let sum = total + value
            let part = sum - total
            rest += (total - (sum - part)) + (value - part)
            total = sum + rest
            rest -= total - sum
            largest = max(largest, total.magnitude)
            high.append(total)
            low.append(rest)
        }
        // A total is exact to 2^-104 of itself for each addition; of that, a sum must keep 50 bits.
        least = largest * Double(values.count) * 0x1p-54
        return true
    }

    /// The sum of some values, as a double and what is missing to the exact sum; nil when that is not sure.
    @inline(__always)
    func sum(_ range: Range<Int>) -> (sum: Double, rest: Double)? {
        let (end, start) = (high[range.upperBound], high[range.lowerBound])
        let difference = end - start
        let part = difference - end
        let error = (end - (difference - part)) - (start + part)
        let rest = error + (low[range.upperBound] - low[range.lowerBound])
        let sum = difference + rest
        guard sum.magnitude >= least else { return nil }
        return (sum, rest - (sum - difference))
    }
}
