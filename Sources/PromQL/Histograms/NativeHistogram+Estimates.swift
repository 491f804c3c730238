import Glibc
import SampleMath

/// What can be estimated from a histogram's buckets.
extension NativeHistogram {
    /// Why an estimate may surprise.
    enum Caveat {
        /// There are observations of NaN, and the quantile falls among them.
        case isNaN
        /// There are observations of NaN, which count as larger than all others.
        case isSkewed
        /// There are observations of NaN, which are in no fraction.
        case excludesNaN
    }

    private static let nan = Double(bitPattern: StaleNaN.ordinaryBits)

    /// The φ-quantile: linear inside the zero bucket and custom ones, by orders of magnitude inside the others.
    func quantile(_ phi: Double) -> (value: Double, caveat: Caveat?) {
        if phi < 0 { return (-.infinity, nil) }
        if phi > 1 { return (.infinity, nil) }
        if count == 0 || phi.isNaN { return (NativeHistogram.nan, nil) }
        // Observations of NaN are in the count and in no bucket, so that only counting from below finds the rank.
        let fromBelow = sum.isNaN || phi < 0.5
        let buckets = fromBelow ? buckets : buckets.reversed()
        var rank = (fromBelow ? phi : 1 - phi) * count
        var bucket = HistogramBucket(lower: 0, upper: 0, includesLower: false, includesUpper: false, count: 0)
        var seen = 0.0
        var next = 0
        while next < buckets.count {
            let candidate = buckets[next]
            next += 1
            if candidate.count == 0 { continue }
            bucket = candidate
            seen += bucket.count
            if seen >= rank { break }
        }
        if hasCustomBounds {
            if bucket.lower == -.infinity {
                if bucket.upper <= 0 { return (bucket.upper, nil) }
                bucket.lower = 0
            } else if bucket.upper == .infinity {
                return (bucket.lower, nil)
            }
        } else if bucket.lower < 0, bucket.upper > 0 {
            bucket = withNaturalBound(bucket)
        }
        seen = Swift.min(seen, count)
        if seen < rank {
            return sum.isNaN ? (NativeHistogram.nan, .isNaN) : (bucket.upper, nil)
        }
        rank = fromBelow ? rank - (seen - bucket.count) : seen - rank
        var caveat: Caveat?
        if sum.isNaN {
            for rest in buckets[next...] { seen += rest.count }
            if seen < count { caveat = .isSkewed }
        }
        let share = rank / bucket.count
        if hasCustomBounds || (bucket.lower <= 0 && bucket.upper >= 0) {
            return (bucket.lower + (bucket.upper - bucket.lower) * share, caveat)
        }
        let (start, end) = (log2(bucket.lower.magnitude), log2(bucket.upper.magnitude))
        if bucket.lower > 0 { return (exp2(start + (end - start) * share), caveat) }
        return (-exp2(end + (start - end) * (1 - share)), caveat)
    }

    /// The share of all observations between two values.
    func fraction(_ lower: Double, _ upper: Double) -> (value: Double, caveat: Caveat?) {
        if count == 0 || lower.isNaN || upper.isNaN { return (NativeHistogram.nan, nil) }
        if lower >= upper { return (0, nil) }
        let buckets = buckets
        var known = count
        var caveat: Caveat?
        if sum.isNaN {
            known = buckets.reduce(0) { $0 + $1.count }
            if known < count { caveat = .excludesNaN }
        }
        let ranks = [lower, upper].map { Swift.min(rank(of: $0, in: buckets) ?? known, known) }
        return ((ranks[1] - ranks[0]) / count, caveat)
    }

    /// How many observations lie below a value; nil when it is above all buckets.
    private func rank(of value: Double, in buckets: [HistogramBucket]) -> Double? {
        var below = 0.0
        for original in buckets {
            var bucket = original
            let isZero = bucket.lower <= 0 && bucket.upper >= 0
            if isZero { bucket = withNaturalBound(bucket) }
            if bucket.lower >= value { return below }
            if bucket.upper > value {
                // Nothing is known about where in a bucket of infinite width its observations lie.
                if bucket.lower == -.infinity { return bucket.count }
                return below + bucket.count * bucket.share(below: value, linear: hasCustomBounds || isZero)
            }
            below += bucket.count
        }
        return nil
    }

    /// The zero bucket ends at 0 on a side on which there are no observations.
    private func withNaturalBound(_ bucket: HistogramBucket) -> HistogramBucket {
        var bucket = bucket
        if negative.isEmpty, !positive.isEmpty {
            bucket.lower = 0
        } else if positive.isEmpty, !negative.isEmpty {
            bucket.upper = 0
        }
        return bucket
    }

    /// The variance of the observations, each taken to lie in the middle of its bucket.
    var variance: Double {
        let mean = sum / count
        var squares = CompensatedSum()
        for bucket in buckets where bucket.count != 0 {
            let value: Double
            if hasCustomBounds {
                value = (bucket.upper + bucket.lower) / 2
            } else if bucket.lower <= 0, bucket.upper >= 0 {
                value = 0
            } else {
                let middle = (bucket.upper * bucket.lower).squareRoot()
                value = bucket.upper < 0 ? -middle : middle
            }
            squares.add(bucket.count * (value - mean) * (value - mean))
        }
        return (squares.sum + squares.compensation) / count
    }
}
