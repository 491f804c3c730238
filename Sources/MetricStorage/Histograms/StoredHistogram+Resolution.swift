import PromQL

extension StoredHistogram {
    /// Number of buckets, empty ones included.
    package var bucketCount: Int { positive.count + negative.count }

    /// Takes empty buckets out, and spans without buckets. The histogram must be consistent.
    package mutating func compact() {
        let hasEmptySpans = (layout.positiveSpans + layout.negativeSpans).contains { $0.length == 0 }
        // The bits of 0.0 are 0, as are those of a whole number.
        guard hasEmptySpans || positive.contains(0) || negative.contains(0) else { return }
        mapBuckets { $0 }
    }

    /// The same observations in a coarser exponential schema. The histogram must be consistent; one with bounds of its own
    /// stays as it is.
    package mutating func reduceResolution(to schema: Int32) {
        guard layout.schema != NativeHistogram.customSchema, layout.schema > schema else { return }
        let steps = layout.schema - schema
        mapBuckets { (($0 - 1) >> steps) + 1 }
        layout.schema = schema
    }

    /// Moves the counts of all buckets to where `target` says, which must not bring them out of order; empty ones go.
    private mutating func mapBuckets(_ target: (Int32) -> Int32) {
        let isFloat = isFloat
        func map(_ spans: inout [Span], _ counts: inout [UInt64]) {
            var indices: [Int32] = []
            var sums: [UInt64] = []
            for (index, count) in zip(spans.indices, counts) where count != 0 {
                let index = target(index)
                if indices.last == index {
                    let last = sums[sums.count - 1]
                    sums[sums.count - 1] =
                        isFloat
                        ? (Double(bitPattern: last) + Double(bitPattern: count)).bitPattern : last &+ count
                } else {
                    indices.append(index)
                    sums.append(count)
                }
            }
            spans = [Span](indices: indices)
            counts = sums
        }
        map(&layout.positiveSpans, &positive)
        map(&layout.negativeSpans, &negative)
    }
}
