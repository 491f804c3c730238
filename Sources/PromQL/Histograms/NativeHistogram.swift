/// A native histogram as PromQL computes with it: counts may be fractions.
///
/// Integer and float histograms, with buckets that grow exponentially or with bounds of their own, are all this. The
/// semantics are those of Prometheus' `FloatHistogram`.
package struct NativeHistogram: Sendable, Hashable {
    /// What is known about whether the counts began anew between the sample before and this one.
    package enum ResetHint: UInt8, Sendable, Hashable {
        case unknown, reset, notReset
        /// Counts may go up and down.
        case gauge
    }

    /// The schema of histograms whose buckets have bounds of their own.
    package static let customSchema: Int32 = -53

    package var hint: ResetHint
    /// -4…8: buckets grow by 2^(2^-schema), the greater the finer; or `customSchema`.
    package var schema: Int32
    /// Observations within ±this are in the zero bucket. 0 with custom bounds, as are the next and the negative side.
    package var zeroThreshold: Double
    package var zeroCount: Double
    /// Of all observations, NaN included.
    package var count: Double
    /// Of all observations. A staleness marker is a histogram whose sum is one.
    package var sum: Double
    package var positive: HistogramBuckets
    package var negative: HistogramBuckets
    /// Upper bounds with `customSchema`, strictly ascending and finite; bucket i ends at the i-th, the last at infinity.
    package var customBounds: [Double]

    package init(
        hint: ResetHint = .unknown, schema: Int32 = 0, zeroThreshold: Double = 0, zeroCount: Double = 0,
        count: Double = 0, sum: Double = 0, positive: HistogramBuckets = HistogramBuckets(),
        negative: HistogramBuckets = HistogramBuckets(), customBounds: [Double] = []
    ) {
        self.hint = hint
        self.schema = schema
        self.zeroThreshold = zeroThreshold
        self.zeroCount = zeroCount
        self.count = count
        self.sum = sum
        self.positive = positive
        self.negative = negative
        self.customBounds = customBounds
    }

    package var hasCustomBounds: Bool { schema == NativeHistogram.customSchema }

    /// The upper bound of a positive bucket. The bucket before the first custom one ends at minus infinity.
    func bound(_ index: Int32) -> Double {
        guard hasCustomBounds else { return ExponentialBounds.upper(index, schema: schema) }
        if index < 0 { return -.infinity }
        return Int(index) < customBounds.count ? customBounds[Int(index)] : .infinity
    }

    /// What a query is charged for holding it, in samples of 16 bytes.
    var weight: Int {
        (176 + (positive.count + negative.count + customBounds.count) * 8) / 16
    }

    /// Takes empty buckets out.
    package mutating func compact() {
        positive.compact()
        negative.compact()
    }

    /// The same observations in a coarser exponential schema.
    mutating func reduceResolution(to target: Int32) {
        guard target < schema else { return }
        positive = positive.reduced(by: schema - target)
        negative = negative.reduced(by: schema - target)
        schema = target
    }

    /// Scales all counts and the sum.
    mutating func multiply(by factor: Double) {
        scale { $0 * factor }
        if factor < 0 { hint = .gauge }
    }

    /// Divides all counts and the sum; division by zero takes the buckets away.
    mutating func divide(by divisor: Double) {
        if divisor == 0 {
            positive = HistogramBuckets()
            negative = HistogramBuckets()
        }
        scale { $0 / divisor }
        if divisor < 0 { hint = .gauge }
    }

    private mutating func scale(_ transform: (Double) -> Double) {
        zeroCount = transform(zeroCount)
        count = transform(count)
        sum = transform(sum)
        for index in positive.counts.indices { positive.counts[index] = transform(positive.counts[index]) }
        for index in negative.counts.indices { negative.counts[index] = transform(negative.counts[index]) }
    }

    /// True when both hold the same, to the bit; hints and empty buckets do not count.
    package func isSame(as other: NativeHistogram) -> Bool {
        schema == other.schema && count.bitPattern == other.count.bitPattern && sum.bitPattern == other.sum.bitPattern
            && customBounds == other.customBounds && zeroThreshold == other.zeroThreshold
            && zeroCount.bitPattern == other.zeroCount.bitPattern
            && negative.hasSamePopulation(as: other.negative) && positive.hasSamePopulation(as: other.positive)
    }

    /// True when a sum ran out of the range of numbers.
    var hasOverflow: Bool {
        zeroCount.isInfinite || count.isInfinite || sum.isInfinite || positive.counts.contains(where: \.isInfinite)
            || negative.counts.contains(where: \.isInfinite)
    }
}

extension NativeHistogram {
    /// The histogram behind another than the one that it was written behind: whether counting began anew between them must
    /// be looked for in the buckets.
    package var behindAnother: NativeHistogram {
        var histogram = self
        if hint != .gauge { histogram.hint = .unknown }
        return histogram
    }
}
