import SampleMath

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

    /// Indices and their opposites that buckets may have, far beyond what any float falls into, so that those beside them
    /// can be computed with as well.
    package static let indexLimit: Int64 = 1 << 30

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
                guard next.magnitude <= Self.indexLimit else { return nil }
                indices.append(Int32(next))
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
        schemas > 0 ? mapped { (($0 - 1) >> schemas) + 1 } : self
    }

    /// The buckets of both, `combine` giving the count of each from that of the two, 0 where one has none.
    func merged(with other: HistogramBuckets, _ combine: (Double, Double) -> Double) -> HistogramBuckets {
        if indices == other.indices {
            return HistogramBuckets(indices: indices, counts: zip(counts, other.counts).map(combine))
        }
        var result = HistogramBuckets()
        result.indices.reserveCapacity(max(count, other.count))
        result.counts.reserveCapacity(max(count, other.count))
        var (mine, theirs) = (0, 0)
        while mine < count || theirs < other.count {
            if theirs == other.count || (mine < count && indices[mine] < other.indices[theirs]) {
                result.append(indices[mine], combine(counts[mine], 0))
                mine += 1
            } else if mine == count || other.indices[theirs] < indices[mine] {
                result.append(other.indices[theirs], combine(0, other.counts[theirs]))
                theirs += 1
            } else {
                result.append(indices[mine], combine(counts[mine], other.counts[theirs]))
                mine += 1
                theirs += 1
            }
        }
        return result
    }

    /// The buckets that pass, and the sum of those that do not.
    func partitioned(keeping keep: (Int32) -> Bool) -> (kept: HistogramBuckets, rest: Double) {
        var kept = HistogramBuckets()
        var rest = CompensatedSum()
        for (index, count) in zip(indices, counts) {
            if keep(index) { kept.append(index, count) } else { rest.add(count) }
        }
        return (kept, rest.result)
    }

    /// Every bucket moved to where `target` says; indices must not get out of order.
    func mapped(_ target: (Int32) -> Int32) -> HistogramBuckets {
        var result = HistogramBuckets()
        for (position, count) in counts.enumerated() {
            let index = target(indices[position])
            if result.indices.last == index {
                result.counts[result.counts.count - 1] += count
            } else {
                result.append(index, count)
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
