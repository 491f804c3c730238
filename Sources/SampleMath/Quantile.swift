/// Quantiles of plain values.
package enum Quantile {
    /// The φ-quantile by linear interpolation between the closest ranks; NaN sorts below everything. The order of `values`
    /// changes. NaN for no values or a φ of NaN, infinities for a φ outside 0…1.
    package static func of(_ values: inout [Double], phi: Double) -> Double {
        interpolated(values.count, phi) { lower, upper in
            values.withUnsafeMutableBufferPointer { values in
                // What is not a number comes first; the rest can be compared.
                var numbers = 0
                for index in values.indices where values[index].isNaN {
                    values.swapAt(index, numbers)
                    numbers += 1
                }
                let unordered = UnsafeMutableBufferPointer(rebasing: values[numbers...])
                if lower < numbers {
                    return (values[lower], upper < numbers ? values[upper] : unordered.min() ?? values[upper])
                }
                let found = select(unordered, lower - numbers)
                // The next one is the smallest of those behind.
                let behind = unordered[(lower - numbers + 1)...]
                return (found, upper == lower ? found : behind.min() ?? found)
            }
        }
    }

    /// The same of values that are in order already, NaN first.
    static func ofSorted(_ values: [Double], phi: Double) -> Double {
        interpolated(values.count, phi) { (values[$0], values[$1]) }
    }

    private static func interpolated(_ count: Int, _ phi: Double, _ values: (Int, Int) -> (Double, Double)) -> Double {
        if count == 0 || phi.isNaN { return Double(bitPattern: StaleNaN.ordinaryBits) }
        if phi < 0 { return -.infinity }
        if phi > 1 { return .infinity }
        let rank = phi * Double(count - 1)
        let lower = max(0, Int(rank.rounded(.down)))
        let upper = min(count - 1, lower + 1)
        let weight = rank - rank.rounded(.down)
        let (below, above) = values(lower, upper)
        return below * (1 - weight) + above * weight
    }

    /// The value that order would put at a place; afterwards none before it is larger and none behind it smaller. Hoare's
    /// selection with the median of three as the pivot; what will not shrink is sorted, so that no input takes long.
    private static func select(_ values: UnsafeMutableBufferPointer<Double>, _ wanted: Int) -> Double {
        var low = 0
        var high = values.count - 1
        var rounds = 0
        while high - low > 16 {
            rounds += 1
            if rounds > 40 { break }
            let (a, b, c) = (values[low], values[(low + high) / 2], values[high])
            let pivot = max(min(a, b), min(max(a, b), c))
            var left = low
            var right = high
            while left <= right {
                while values[left] < pivot { left += 1 }
                while values[right] > pivot { right -= 1 }
                if left <= right {
                    values.swapAt(left, right)
                    left += 1
                    right -= 1
                }
            }
            if wanted <= right {
                high = right
            } else if wanted >= left {
                low = left
            } else {
                return values[wanted]
            }
        }
        var rest = UnsafeMutableBufferPointer(rebasing: values[low...high])
        rest.sort()
        return values[wanted]
    }
}
