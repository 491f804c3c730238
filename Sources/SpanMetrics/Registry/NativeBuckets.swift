import MetricStorage
import PromQL

/// A native histogram that is added to: whole counts in exponential buckets, coarser ones once there are too many.
struct NativeBuckets: Sendable, Hashable {
    /// Prometheus' default: what is not greater is zero.
    static let zeroThreshold = 2.938735877055719e-39

    private(set) var schema: Int32
    private(set) var count: UInt64 = 0
    private(set) var zeroCount: UInt64 = 0
    private(set) var sum = 0.0
    /// The index of the first of `counts`.
    private(set) var first: Int32 = 0
    /// By index; there may be zeros.
    private(set) var counts: [UInt64] = []
    /// Those of `counts` that are not zero.
    private var used = 0

    init(schema: Int32) {
        self.schema = schema
    }

    /// What a file of counts says.
    init(schema: Int32, count: UInt64, zeroCount: UInt64, sum: Double, first: Int32, counts: [UInt64]) {
        self.schema = schema
        self.count = count
        self.zeroCount = zeroCount
        self.sum = sum
        self.first = first
        self.counts = counts
        used = counts.count { $0 > 0 }
    }

    /// Counts a value that is not negative, so many times; afterwards there are at most `limit` buckets that are not empty.
    mutating func observe(_ value: Double, times: UInt64, limit: Int) {
        // Counts come round rather than end the process, which readers take for a reset.
        count &+= times
        sum += value * Double(times)
        guard value > Self.zeroThreshold else {
            zeroCount &+= times
            return
        }
        add(times, at: ExponentialBounds.index(of: value, schema: schema))
        while used > limit, schema > -4 { coarsen() }
    }

    /// Adds another histogram's counts.
    mutating func add(_ other: NativeBuckets) {
        var other = other
        while other.schema > schema { other.coarsen() }
        while schema > other.schema { coarsen() }
        count &+= other.count
        zeroCount &+= other.zeroCount
        sum += other.sum
        for (offset, times) in other.counts.enumerated() where times > 0 { add(times, at: other.first + Int32(offset)) }
    }

    private mutating func add(_ times: UInt64, at index: Int32) {
        if counts.isEmpty { first = index }
        if index < first {
            counts.insert(contentsOf: repeatElement(0, count: Int(first - index)), at: 0)
            first = index
        }
        let place = Int(index - first)
        if place >= counts.count { counts.append(contentsOf: repeatElement(0, count: place + 1 - counts.count)) }
        if counts[place] == 0 { used += 1 }
        counts[place] &+= times
    }

    /// Joins two buckets each.
    private mutating func coarsen() {
        let (old, start) = (counts, first)
        schema -= 1
        counts = []
        used = 0
        for (offset, times) in old.enumerated() where times > 0 {
            let index = start + Int32(offset)
            // A bucket ends where its index says, so that 1 and 2 join in 1.
            add(times, at: (index + 1) >> 1)
        }
    }

    /// As it is stored.
    var stored: StoredHistogram {
        var histogram = StoredHistogram(isFloat: false)
        histogram.layout.schema = schema
        histogram.layout.zeroThreshold = Self.zeroThreshold
        histogram.count = count
        histogram.zeroCount = zeroCount
        histogram.sum = sum
        var end: Int32 = 0
        for (offset, times) in counts.enumerated() where times > 0 {
            let index = first + Int32(offset)
            if let last = histogram.layout.positiveSpans.indices.last, index == end {
                histogram.layout.positiveSpans[last].length += 1
            } else {
                histogram.layout.positiveSpans.append(.init(offset: index - end, length: 1))
            }
            histogram.positive.append(times)
            end = index + 1
        }
        return histogram
    }
}
