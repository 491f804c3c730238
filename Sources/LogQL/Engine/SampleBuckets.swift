import SampleMath

/// What a function needs of a series' samples, for each stretch of time whose samples lie in the same windows: as much memory as
/// there are steps, however many samples there are.
///
/// A window is a run of stretches. What its stretches hold is joined by two stacks (the later half of the window grows at its end, the
/// earlier one is kept as joins from each of its places to its end), so that each stretch is joined a few times however much
/// windows overlap, and nothing is ever subtracted.
struct SampleBuckets: Sendable {
    /// One stretch, or several joined.
    struct Bucket: Sendable {
        /// Samples.
        var count = 0.0
        /// The sum, the extreme, the mean, or the bits of a time.
        var first = 0.0
        /// What is missing to the sum, the sum of squared distances from the mean, or the value of that time.
        var second = 0.0
    }

    /// Values from here on could make the sum of a mean overflow: all are made smaller by `shrink`.
    private static let huge = 0x1p+900
    private static let shrink = 0x1p-100

    private let plan: BucketPlan
    private var buckets: [Bucket]
    private var isShrunk = false

    init(_ plan: BucketPlan) {
        self.plan = plan
        buckets = [Bucket](repeating: Bucket(), count: plan.count)
    }

    mutating func add(_ samples: SampleColumns) {
        for index in 0..<samples.count { add(samples.timestamps[index], samples.values[index]) }
    }

    /// Adds a sample; of those of one time the later one counts as the later.
    mutating func add(_ time: Int64, _ value: Double) {
        var value = value
        if plan.kind == .mean {
            if !isShrunk, value.isFinite, value.magnitude >= Self.huge { shrinkAll() }
            if isShrunk { value *= Self.shrink }
        }
        let place = plan.edges.interval(of: time)
        buckets[place] = join(buckets[place], sample(time, value))
    }

    private func sample(_ time: Int64, _ value: Double) -> Bucket {
        switch plan.kind {
        case .count, .sum, .mean, .min, .max, .variance: Bucket(count: 1, first: value)
        case .first, .last: Bucket(count: 1, first: Double(bitPattern: UInt64(bitPattern: time)), second: value)
        }
    }

    private mutating func shrinkAll() {
        isShrunk = true
        for place in buckets.indices {
            buckets[place].first *= Self.shrink
            buckets[place].second *= Self.shrink
        }
    }

    /// Adds what was gathered elsewhere, whose samples count as the later ones.
    mutating func add(_ other: SampleBuckets) {
        var other = other
        if isShrunk, !other.isShrunk { other.shrinkAll() }
        if other.isShrunk, !isShrunk { shrinkAll() }
        for place in buckets.indices { buckets[place] = join(buckets[place], other.buckets[place]) }
    }

    /// The function's value at every step, `Missing` where a window has no sample.
    func column() -> [Double] {
        var column = [Double](repeating: Missing.value, count: plan.windows.count)
        // Joins from each place of the earlier half to its end, the last place first.
        var earlier: [Bucket] = []
        var later = Bucket()
        var (low, middle, high) = (0, 0, 0)
        for (step, window) in plan.windows.enumerated() {
            if window.lowerBound >= high {
                (low, middle, high) = (window.lowerBound, window.lowerBound, window.lowerBound)
                (earlier, later) = ([], Bucket())
            }
            while high < window.upperBound {
                later = join(later, buckets[high])
                high += 1
            }
            if window.lowerBound > middle {
                earlier.removeAll(keepingCapacity: true)
                var joined = Bucket()
                for place in (window.lowerBound..<high).reversed() {
                    joined = join(buckets[place], joined)
                    earlier.append(joined)
                }
                (middle, later) = (high, Bucket())
                low = window.lowerBound
            } else if window.lowerBound > low {
                earlier.removeLast(min(earlier.count, window.lowerBound - low))
                low = window.lowerBound
            }
            let bucket = join(low < middle ? earlier.last ?? Bucket() : Bucket(), later)
            if bucket.count > 0 { column[step] = value(bucket) }
        }
        return column
    }

    /// What two stretches hold, of which `b` is the later.
    private func join(_ a: Bucket, _ b: Bucket) -> Bucket {
        guard a.count > 0 else { return b }
        guard b.count > 0 else { return a }
        var joined = a
        joined.count = a.count + b.count
        switch plan.kind {
        case .count: break
        case .sum, .mean:
            var sum = CompensatedSum(sum: a.first, compensation: a.second)
            sum.add(b.first)
            if !sum.sum.isInfinite { sum.compensation += b.second }
            (joined.first, joined.second) = (sum.sum, sum.compensation)
        // NaN gives way to any number.
        case .min: if b.first <= a.first || a.first.isNaN { joined.first = b.first }
        case .max: if b.first >= a.first || a.first.isNaN { joined.first = b.first }
        case .variance:
            // Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979;
            // with one sample in `b` it is Welford's.
            let distance = b.first - a.first
            joined.first = a.first + distance * (b.count / joined.count)
            joined.second = a.second + b.second + distance * distance * (a.count * b.count / joined.count)
        case .first: if Self.time(b) < Self.time(a) { (joined.first, joined.second) = (b.first, b.second) }
        case .last: if Self.time(b) >= Self.time(a) { (joined.first, joined.second) = (b.first, b.second) }
        }
        return joined
    }

    private static func time(_ bucket: Bucket) -> Int64 { Int64(bitPattern: bucket.first.bitPattern) }

    private func value(_ bucket: Bucket) -> Double {
        let sum = CompensatedSum(sum: bucket.first, compensation: bucket.second)
        switch plan.kind {
        case .count: return bucket.count
        case .sum: return sum.result
        case .mean:
            let mean = sum.sum.isInfinite ? sum.sum : sum.sum / bucket.count + sum.compensation / bucket.count
            return isShrunk ? mean / Self.shrink : mean
        case .min, .max: return bucket.first
        case .variance: return plan.isRoot ? (bucket.second / bucket.count).squareRoot() : bucket.second / bucket.count
        case .first, .last: return bucket.second
        }
    }
}
