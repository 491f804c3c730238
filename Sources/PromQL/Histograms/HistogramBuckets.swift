/// The buckets on one side of a native histogram: those that are there, by index, with their counts.
///
/// Prometheus writes runs of buckets as spans; here every bucket carries its index, so that two histograms are merged
/// like two sorted lists.
package struct HistogramBuckets: Sendable, Hashable {
    /// Strictly ascending.
    package private(set) var indices: [Int32]
    /// As many as indices.
    package var counts: [Double]

    /// No buckets.
    package init() {
        indices = []
        counts = []
    }

    /// Takes buckets over; `indices` must be strictly ascending and as many as `counts`.
    package init(indices: [Int32], counts: [Double]) {
        precondition(indices.count == counts.count, "every bucket has an index and a count")
        self.indices = indices
        self.counts = counts
    }

    /// Buckets side by side from an index on.
    package init(offset: Int32, counts: [Double]) {
        indices = counts.indices.map { offset + Int32($0) }
        self.counts = counts
    }

    /// Buckets written as Prometheus' spans: each begins `offset` after the end of the one before (the first: at its
    /// offset) and is `length` long. Nil when spans and counts do not fit, overlap, or leave the range of indices.
    package init?(spans: [(offset: Int32, length: UInt32)], counts: [Double]) {
        var indices: [Int32] = []
        indices.reserveCapacity(counts.count)
        var next: Int64 = 0
        for (position, span) in spans.enumerated() {
            guard position == 0 || span.offset >= 0, Int(span.length) <= counts.count - indices.count else {
                return nil
            }
            next += Int64(span.offset)
            for _ in 0..<span.length {
                guard let index = Int32(exactly: next) else { return nil }
                indices.append(index)
                next += 1
            }
        }
        guard indices.count == counts.count else { return nil }
        self.indices = indices
        self.counts = counts
    }

    /// Number of buckets, empty ones included.
    package var count: Int { indices.count }

    package var isEmpty: Bool { indices.isEmpty }

    /// Adds a bucket behind all others.
    package mutating func append(_ index: Int32, _ count: Double) {
        indices.append(index)
        counts.append(count)
    }

    /// Takes empty buckets out.
    package mutating func compact() {
        guard counts.contains(0) else { return }
        var kept = 0
        for position in counts.indices where counts[position] != 0 {
            indices[kept] = indices[position]
            counts[kept] = counts[position]
            kept += 1
        }
        indices.removeLast(indices.count - kept)
        counts.removeLast(counts.count - kept)
    }

    /// The same observations at a resolution lower by so many schemas.
    package func reduced(by schemas: Int32) -> HistogramBuckets {
        guard schemas > 0 else { return self }
        var result = HistogramBuckets()
        for position in indices.indices {
            let index = ((indices[position] - 1) >> schemas) + 1
            if result.indices.last == index {
                result.counts[result.counts.count - 1] += counts[position]
            } else {
                result.append(index, counts[position])
            }
        }
        return result
    }

    /// The buckets of both, `combine` giving the count of each from that of the two, 0 where one has none. Buckets of
    /// `other` that `skip` are left out.
    func merged(
        with other: HistogramBuckets, skip: (Int32) -> Bool = { _ in false },
        _ combine: (Double, Double) -> Double
    ) -> HistogramBuckets {
        var result = HistogramBuckets()
        result.indices.reserveCapacity(max(count, other.count))
        result.counts.reserveCapacity(max(count, other.count))
        var (mine, theirs) = (0, 0)
        while mine < count || theirs < other.count {
            let left = mine < count ? indices[mine] : Int32.max
            let right = theirs < other.count ? other.indices[theirs] : Int32.max
            if right < left || mine == count, skip(right) {
                theirs += 1
                continue
            }
            if mine < count, left < right || theirs == other.count {
                result.append(left, combine(counts[mine], 0))
                mine += 1
            } else if mine == count || right < left {
                result.append(right, combine(0, other.counts[theirs]))
                theirs += 1
            } else {
                result.append(left, combine(counts[mine], skip(left) ? 0 : other.counts[theirs]))
                mine += 1
                theirs += 1
            }
        }
        return result
    }

    /// True when the populated buckets are the same, to the bit.
    func hasSamePopulation(as other: HistogramBuckets) -> Bool {
        var (a, b) = (self, other)
        a.compact()
        b.compact()
        return a.indices == b.indices && zip(a.counts, b.counts).allSatisfy { $0.bitPattern == $1.bitPattern }
    }

    /// True when a populated bucket of `previous` is missing here or has lost observations.
    func hasShrunk(since previous: HistogramBuckets) -> Bool {
        var position = 0
        for (index, before) in zip(previous.indices, previous.counts) {
            while position < count, indices[position] < index { position += 1 }
            let now = position < count && indices[position] == index ? counts[position] : 0
            if position < count && indices[position] == index ? now < before : before != 0 { return true }
        }
        return false
    }
}
