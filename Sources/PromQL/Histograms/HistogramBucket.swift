import Glibc

/// One bucket of a native histogram with its bounds.
package struct HistogramBucket: Sendable, Hashable {
    package var lower: Double
    package var upper: Double
    /// Whether the bounds themselves belong to it.
    package var includesLower: Bool
    package var includesUpper: Bool
    package var count: Double

    /// The share of its observations up to a value inside it, spread evenly, or evenly by orders of magnitude.
    func share(below value: Double, linear: Bool) -> Double {
        if linear { return (value - lower) / (upper - lower) }
        let (start, end, place) = (log2(lower.magnitude), log2(upper.magnitude), log2(value.magnitude))
        return value > 0 ? (place - start) / (end - start) : 1 - (place - end) / (start - end)
    }
}

extension NativeHistogram {
    /// All buckets in ascending order, empty ones of either side included, cut at the zero bucket's edge.
    package var buckets: [HistogramBucket] {
        var result: [HistogramBucket] = []
        result.reserveCapacity(negative.count + positive.count + 1)
        for position in negative.indices.indices.reversed() {
            var bucket = negativeBucket(position)
            if bucket.upper < 0, bucket.upper > -zeroThreshold { bucket.upper = -zeroThreshold }
            result.append(bucket)
        }
        if zeroCount > 0 { result.append(zeroBucket) }
        for position in positive.indices.indices {
            var bucket = positiveBucket(position)
            if bucket.lower > 0, bucket.lower < zeroThreshold { bucket.lower = zeroThreshold }
            result.append(bucket)
        }
        return result
    }

    var zeroBucket: HistogramBucket {
        HistogramBucket(
            lower: -zeroThreshold, upper: zeroThreshold, includesLower: true, includesUpper: true, count: zeroCount)
    }

    /// The bucket at a position among the positive ones.
    func positiveBucket(_ position: Int) -> HistogramBucket {
        let index = positive.indices[position]
        let (lower, upper) = (bound(index - 1), bound(index))
        return HistogramBucket(
            lower: lower, upper: upper, includesLower: hasCustomBounds ? index == 0 : lower < 0,
            includesUpper: hasCustomBounds || upper > 0, count: positive.counts[position])
    }

    /// The bucket at a position among the negative ones.
    func negativeBucket(_ position: Int) -> HistogramBucket {
        let index = negative.indices[position]
        let (lower, upper) = (-bound(index), -bound(index - 1))
        return HistogramBucket(
            lower: lower, upper: upper, includesLower: lower < 0, includesUpper: upper > 0,
            count: negative.counts[position])
    }
}
