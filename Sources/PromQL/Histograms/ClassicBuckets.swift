import SampleMath

/// The cumulative buckets of a classic histogram, and what can be estimated from them.
struct ClassicBuckets {
    private let bounds: [Double]
    private let order: [Int]
    /// What had to be done to make the last counts rise, beyond rounding errors.
    private(set) var repair: Repair?

    /// Buckets whose counts were smaller than those of the bucket before.
    struct Repair {
        /// Their lowest and highest upper bound.
        var lowest: Double
        var highest: Double
        /// The largest difference.
        var largestDrop: Double
    }

    private struct Bucket {
        var bound: Double
        var count: Double
    }

    /// Upper bounds, in any order.
    init(_ bounds: [Double]) {
        self.bounds = bounds
        order = bounds.indices.sorted { bounds[$0] < bounds[$1] }
    }

    /// The φ-quantile, given the buckets' counts in the order of the bounds; `Missing` counts are no buckets, and
    /// without any there is no result. NaN where it cannot be told.
    mutating func quantile(_ phi: Double, counts: [Double]) -> Double {
        repair = nil
        var buckets = merged(counts)
        guard let last = buckets.last else { return Missing.value }
        if phi.isNaN { return ClassicBuckets.nan }
        if phi < 0 { return -.infinity }
        if phi > 1 { return .infinity }
        guard last.bound == .infinity else { return ClassicBuckets.nan }
        makeRise(&buckets)
        guard buckets.count >= 2, let observations = buckets.last?.count, observations != 0, !observations.isNaN else {
            return ClassicBuckets.nan
        }
        var rank = phi * observations
        let top = buckets.count - 1
        let position = buckets[..<top].firstIndex { $0.count >= rank } ?? top
        if position == top { return buckets[top - 1].bound }
        if position == 0, buckets[0].bound <= 0 { return buckets[0].bound }
        var start = 0.0
        var count = buckets[position].count
        if position > 0 {
            start = buckets[position - 1].bound
            count -= buckets[position - 1].count
            rank -= buckets[position - 1].count
        }
        return start + (buckets[position].bound - start) * (rank / count)
    }

    /// The share of observations between two values, likewise.
    mutating func fraction(_ lower: Double, _ upper: Double, counts: [Double]) -> Double {
        let buckets = merged(counts)
        guard let last = buckets.last else { return Missing.value }
        guard last.bound == .infinity, last.count != 0, !lower.isNaN, !upper.isNaN else { return ClassicBuckets.nan }
        if lower >= upper { return 0 }
        return (rank(of: upper, in: buckets) - rank(of: lower, in: buckets)) / last.count
    }

    /// How many observations lie below a value, by linear interpolation inside its bucket.
    private func rank(of value: Double, in buckets: [Bucket]) -> Double {
        var below = 0.0
        for (index, bucket) in buckets.enumerated() {
            // The first bucket is taken to begin at 0 when it ends above that.
            let start = index > 0 ? buckets[index - 1].bound : bucket.bound > 0 ? 0 : -Double.infinity
            if start >= value { return below }
            if bucket.bound > value {
                // Nothing is known about where in a bucket of infinite width its observations lie.
                if start == -.infinity { return bucket.count }
                let share = (value - start) / (bucket.bound - start)
                return Swift.min(below + (bucket.count - below) * share, buckets[buckets.count - 1].count)
            }
            below = bucket.count
        }
        return buckets[buckets.count - 1].count
    }

    private static let nan = Double(bitPattern: StaleNaN.ordinaryBits)

    /// The buckets in order of their bounds; those with equal bounds, written differently, are one.
    private func merged(_ counts: [Double]) -> [Bucket] {
        var buckets: [Bucket] = []
        for index in order where !Missing.isMissing(counts[index]) {
            if let last = buckets.last, last.bound == bounds[index] {
                buckets[buckets.count - 1].count += counts[index]
            } else {
                buckets.append(Bucket(bound: bounds[index], count: counts[index]))
            }
        }
        return buckets
    }

    /// Makes the counts rise. Scrapes of several targets in one sum may differ by rounding, which is no news.
    private mutating func makeRise(_ buckets: inout [Bucket]) {
        for index in 1..<Swift.max(buckets.count, 1) {
            let previous = buckets[index - 1].count
            let current = buckets[index].count
            if current == previous { continue }
            let scale = Swift.min(current.magnitude + previous.magnitude, .greatestFiniteMagnitude)
            if (current - previous).magnitude < 1e-12 * scale {
                buckets[index].count = previous
            } else if current < previous {
                buckets[index].count = previous
                let (bound, drop) = (buckets[index].bound, previous - current)
                repair = Repair(
                    lowest: Swift.min(repair?.lowest ?? bound, bound),
                    highest: Swift.max(repair?.highest ?? bound, bound),
                    largestDrop: Swift.max(repair?.largestDrop ?? drop, drop))
            }
        }
    }
}
