package import PromQL

/// A native histogram as it is stored: with whole counts or with floats, buckets in spans as Prometheus writes them.
package struct StoredHistogram: Sendable, Hashable {
    /// A run of buckets: it begins `offset` behind the end of the run before it, the first one at its offset.
    package struct Span: Sendable, Hashable {
        package var offset: Int32
        package var length: UInt32

        package init(offset: Int32, length: UInt32) {
            self.offset = offset
            self.length = length
        }
    }

    /// Where the buckets lie. Samples of one chunk have it in common.
    package struct Layout: Sendable, Hashable {
        /// As in `NativeHistogram`.
        package var schema: Int32 = 0
        package var zeroThreshold = 0.0
        package var positiveSpans: [Span] = []
        package var negativeSpans: [Span] = []
        /// Upper bounds with the schema of custom buckets, else empty.
        package var customBounds: [Double] = []

        package init() {}
    }

    /// What is known about a reset of the counts before this sample.
    package var hint = NativeHistogram.ResetHint.unknown
    package var layout = Layout()
    /// Whether counts are floats: bits of a `Double` instead of whole numbers, here and in the buckets.
    package var isFloat: Bool
    package var count: UInt64 = 0
    package var zeroCount: UInt64 = 0
    /// A staleness marker is a histogram whose sum is one.
    package var sum = 0.0
    /// Counts of the buckets, each by itself; as many as the spans say.
    package var positive: [UInt64] = []
    package var negative: [UInt64] = []

    /// An empty histogram.
    package init(isFloat: Bool) {
        self.isFloat = isFloat
    }

    /// A staleness marker: nothing but its sum counts.
    package static func stale(isFloat: Bool) -> StoredHistogram {
        var histogram = StoredHistogram(isFloat: isFloat)
        histogram.sum = Double(bitPattern: 0x7FF0_0000_0000_0002)
        return histogram
    }

    /// Buckets that a side of a histogram may have: far more than any has, and few enough to take memory for.
    static let bucketLimit = 1 << 20

    /// Whether there are as many counts as the spans say, no more than may be, and their indices are in range and ascending:
    /// what a chunk can hold and a query compute with.
    package var isConsistent: Bool {
        let lowest: Int64 = layout.schema == NativeHistogram.customSchema ? 0 : -HistogramBuckets.indexLimit
        func fits(_ spans: [Span], _ counts: [UInt64]) -> Bool {
            var next: Int64 = 0
            var buckets = 0
            for (index, span) in spans.enumerated() {
                if index > 0, span.offset < 0 { return false }
                next += Int64(span.offset)
                if next < lowest { return false }
                next += Int64(span.length)
                buckets += Int(span.length)
            }
            return next <= HistogramBuckets.indexLimit && buckets == counts.count && buckets <= Self.bucketLimit
        }
        return layout.customBounds.count <= Self.bucketLimit && fits(layout.positiveSpans, positive)
            && fits(layout.negativeSpans, negative)
    }

    var isStale: Bool { sum.bitPattern == 0x7FF0_0000_0000_0002 }

    /// The histogram for PromQL; nil when spans and counts do not fit.
    package var native: NativeHistogram? {
        func side(_ spans: [Span], _ counts: [UInt64]) -> HistogramBuckets? {
            HistogramBuckets(spans: spans.map { ($0.offset, $0.length) }, counts: counts.map(number))
        }
        guard let positive = side(layout.positiveSpans, positive), let negative = side(layout.negativeSpans, negative)
        else { return nil }
        if layout.schema == NativeHistogram.customSchema, positive.indices.first ?? 0 < 0 { return nil }
        // Of another writer's data nothing is certain, and nothing can be compared with a threshold that is no number.
        let zeroThreshold = layout.zeroThreshold >= 0 && layout.zeroThreshold.isFinite ? layout.zeroThreshold : 0
        return NativeHistogram(
            hint: hint, schema: layout.schema, zeroThreshold: zeroThreshold, zeroCount: number(zeroCount),
            count: number(count), sum: sum, positive: positive, negative: negative, customBounds: layout.customBounds)
    }

    private func number(_ count: UInt64) -> Double { isFloat ? Double(bitPattern: count) : Double(count) }

    /// Whether one count is below another.
    func isBelow(_ a: UInt64, _ b: UInt64) -> Bool {
        isFloat ? Double(bitPattern: a) < Double(bitPattern: b) : a < b
    }

    /// The same with whole counts turned into floats.
    func asFloat() -> StoredHistogram {
        if isFloat { return self }
        var result = self
        result.isFloat = true
        func convert(_ count: UInt64) -> UInt64 { Double(count).bitPattern }
        result.count = convert(count)
        result.zeroCount = convert(zeroCount)
        result.positive = positive.map(convert)
        result.negative = negative.map(convert)
        return result
    }

    /// Whether both are one sample: hints do not count.
    func isSame(as other: StoredHistogram) -> Bool {
        if isStale || other.isStale { return isStale && other.isStale && isFloat == other.isFloat }
        return isFloat == other.isFloat && layout == other.layout && count == other.count
            && zeroCount == other.zeroCount && sum.bitPattern == other.sum.bitPattern && positive == other.positive
            && negative == other.negative
    }
}

extension [StoredHistogram.Span] {
    /// Number of buckets.
    var bucketCount: Int { reduce(0) { $0 + Int($1.length) } }

    /// The index of every bucket, ascending. Wraps around where a damaged chunk leads out of the range.
    var indices: [Int32] {
        var result: [Int32] = []
        result.reserveCapacity(bucketCount)
        var next: Int32 = 0
        for span in self {
            next &+= span.offset
            for _ in 0..<span.length {
                result.append(next)
                next &+= 1
            }
        }
        return result
    }

    /// Spans of buckets that are given by ascending index.
    init(indices: [Int32]) {
        self = []
        var end: Int32 = 0
        for index in indices {
            if !isEmpty, index == end {
                self[count - 1].length += 1
            } else {
                append(StoredHistogram.Span(offset: index &- end, length: 1))
            }
            end = index &+ 1
        }
    }
}
