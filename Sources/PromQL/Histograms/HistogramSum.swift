import SampleMath

/// Adds up histograms, every count with compensation, or takes their mean.
struct HistogramSum {
    private var total: NativeHistogram
    /// What rounding took away from each count; laid out like the total.
    private var compensation: NativeHistogram
    private var added = 1.0
    /// The total is the mean so far, since the sum would overflow.
    private var isMean = false
    private var seenHints: (reset: Bool, notReset: Bool)
    /// Custom bounds differed.
    private(set) var boundsReconciled = false

    init(_ first: NativeHistogram) {
        total = first
        compensation = HistogramSum.zero(like: first)
        seenHints = (first.hint == .reset, first.hint == .notReset)
    }

    /// True when some summands said that counting began anew and others that it did not.
    var hintsCollide: Bool { seenHints.reset && seenHints.notReset }

    /// Adds one; false when one has custom bounds and the other has not.
    mutating func add(_ next: NativeHistogram) -> Bool {
        note(next)
        added += 1
        return accumulate(next)
    }

    /// Adds one to a mean, which never overflows where its inputs do not.
    mutating func addToMean(_ next: NativeHistogram) -> Bool {
        note(next)
        added += 1
        if !isMean {
            let before = self
            guard accumulate(next) else { return false }
            if !total.hasOverflow { return true }
            self = before
            isMean = true
            total.divide(by: added - 1)
            compensation.divide(by: added - 1)
        }
        let share = (added - 1) / added
        total.multiply(by: share)
        compensation.multiply(by: share)
        var part = next
        part.divide(by: added)
        return accumulate(part)
    }

    /// The sum of all.
    var sum: NativeHistogram { HistogramSum.joined(total, compensation) }

    /// The mean of all that were added with `addToMean`.
    var mean: NativeHistogram {
        if isMean { return sum }
        var (mean, rest) = (total, compensation)
        mean.divide(by: added)
        rest.divide(by: added)
        return HistogramSum.joined(mean, rest)
    }

    private mutating func note(_ next: NativeHistogram) {
        if next.hint == .reset { seenHints.reset = true }
        if next.hint == .notReset { seenHints.notReset = true }
    }

    private mutating func accumulate(_ next: NativeHistogram) -> Bool {
        guard let layout = HistogramLayout(total, next) else { return false }
        if total.customBounds != next.customBounds { boundsReconciled = true }
        _ = total.adoptHint(of: next)
        var next = next
        total.adopt(layout)
        compensation.adopt(layout)
        next.adopt(layout)
        HistogramSum.add(next.zeroCount, to: &total.zeroCount, &compensation.zeroCount)
        HistogramSum.add(next.count, to: &total.count, &compensation.count)
        HistogramSum.add(next.sum, to: &total.sum, &compensation.sum)
        HistogramSum.add(next.positive, to: &total.positive, &compensation.positive)
        HistogramSum.add(next.negative, to: &total.negative, &compensation.negative)
        return true
    }

    private static func add(_ value: Double, to sum: inout Double, _ rest: inout Double) {
        var result = CompensatedSum(sum: sum, compensation: rest)
        result.add(value)
        (sum, rest) = (result.sum, result.compensation)
    }

    private static func add(_ next: HistogramBuckets, to sum: inout HistogramBuckets, _ rest: inout HistogramBuckets) {
        if sum.indices != next.indices {
            // Make room for the buckets that are new.
            sum = sum.merged(with: next) { mine, _ in mine }
            rest = rest.merged(with: sum) { mine, _ in mine }
        }
        var position = 0
        for (index, count) in zip(next.indices, next.counts) {
            while sum.indices[position] < index { position += 1 }
            add(count, to: &sum.counts[position], &rest.counts[position])
        }
    }

    private static func zero(like histogram: NativeHistogram) -> NativeHistogram {
        var zero = histogram
        zero.multiply(by: 0)
        // NaN and infinity times zero are NaN.
        zero.zeroCount = 0
        zero.count = 0
        zero.sum = 0
        for index in zero.positive.counts.indices { zero.positive.counts[index] = 0 }
        for index in zero.negative.counts.indices { zero.negative.counts[index] = 0 }
        return zero
    }

    private static func joined(_ total: NativeHistogram, _ rest: NativeHistogram) -> NativeHistogram {
        var result = total
        result.zeroCount += rest.zeroCount
        result.count += rest.count
        result.sum += rest.sum
        result.positive = total.positive.merged(with: rest.positive, +)
        result.negative = total.negative.merged(with: rest.negative, +)
        return result
    }
}
