/// Cutting observations off: `histogram </ value` and `histogram >/ value`.
///
/// Of a bucket that is cut, the share is kept that interpolation tells; count and sum are estimated anew as soon as
/// anything is gone.
extension NativeHistogram {
    /// Which observations stay.
    enum Trim {
        case below, above
    }

    mutating func trim(_ trim: Trim, _ value: Double) {
        var kept = (count: 0.0, sum: 0.0)
        var isCut = false
        let populated = (
            positive: positive.counts.contains { $0 != 0 }, negative: negative.counts.contains { $0 != 0 }
        )
        for position in positive.counts.indices where positive.counts[position] != 0 {
            let part = rest(of: positiveBucket(position), trim, value, isPositive: true)
            if part.count != positive.counts[position] { isCut = true }
            positive.counts[position] = part.count
            kept.count += part.count
            kept.sum += part.count == 0 ? 0 : part.middle * part.count
        }
        for position in negative.counts.indices where negative.counts[position] != 0 {
            let part = rest(of: negativeBucket(position), trim, value, isPositive: false)
            if part.count != negative.counts[position] { isCut = true }
            negative.counts[position] = part.count
            kept.count += part.count
            kept.sum += part.count == 0 ? 0 : part.middle * part.count
        }
        if zeroCount > 0 {
            let part = zeroRest(trim, value, populated)
            if part.count != zeroCount { isCut = true }
            zeroCount = part.count
            kept.count += part.count
            kept.sum += part.middle * part.count
        }
        guard isCut else { return }
        (count, sum) = kept
        compact()
    }

    /// What stays of a bucket, and around which value it lies.
    private func rest(
        of bucket: HistogramBucket, _ trim: Trim, _ value: Double, isPositive: Bool
    ) -> (count: Double, middle: Double) {
        let isInside = trim == .below ? bucket.upper <= value : bucket.lower >= value
        if isInside { return (bucket.count, middle(bucket.lower, bucket.upper, isPositive)) }
        let isOutside = trim == .below ? bucket.lower >= value : bucket.upper <= value
        // NaN compares with nothing and takes everything away.
        if isOutside || value.isNaN { return (0, 0) }
        if bucket.lower == -.infinity || bucket.upper == .infinity { return infiniteRest(of: bucket, trim, value) }
        let below = bucket.count * bucket.share(below: value, linear: hasCustomBounds)
        return trim == .below
            ? (below, middle(bucket.lower, value, isPositive))
            : (bucket.count - below, middle(value, bucket.upper, isPositive))
    }

    /// The same for a bucket without an end. Where its observations lie is unknown, so it goes as a whole or stays,
    /// except that a first bucket with a positive end is taken to begin at 0.
    private func infiniteRest(
        of bucket: HistogramBucket, _ trim: Trim, _ value: Double
    ) -> (count: Double, middle: Double) {
        guard bucket.lower == -.infinity else {
            return trim == .above && value >= bucket.lower ? (bucket.count, value) : (0, 0)
        }
        let hasPositiveEnd = bucket.upper > 0 && bucket.upper.isFinite
        if trim == .below {
            if value > 0, hasPositiveEnd { return (bucket.count * value / bucket.upper, value / 2) }
            return bucket.upper <= 0 ? (bucket.count, value) : (0, 0)
        }
        if value >= 0, hasPositiveEnd { return (bucket.count * (1 - value / bucket.upper), (value + bucket.upper) / 2) }
        return (0, 0)
    }

    private func zeroRest(
        _ trim: Trim, _ value: Double, _ populated: (positive: Bool, negative: Bool)
    ) -> (count: Double, middle: Double) {
        let lower = populated.positive && !populated.negative ? 0 : -zeroThreshold
        let upper = populated.negative && !populated.positive ? 0 : zeroThreshold
        if value <= lower { return trim == .below ? (0, 0) : (zeroCount, (lower + upper) / 2) }
        if value >= upper { return trim == .below ? (zeroCount, (lower + upper) / 2) : (0, 0) }
        let below = (value - lower) / (upper - lower)
        return trim == .below
            ? (zeroCount * below, (lower + value) / 2)
            : (zeroCount * ((upper - value) / (upper - lower)), (value + upper) / 2)
    }

    /// The value around which observations between two bounds lie.
    private func middle(_ lower: Double, _ upper: Double, _ isPositive: Bool) -> Double {
        if lower.isInfinite {
            if upper.isInfinite { return 0 }
            return upper > 0 ? upper / 2 : upper
        }
        if upper.isInfinite { return lower }
        if hasCustomBounds { return (lower + upper) / 2 }
        let mean = (lower * upper).magnitude.squareRoot()
        return isPositive ? mean : -mean
    }
}
