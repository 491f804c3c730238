package import PromQL

extension StoredHistogram {
    /// A histogram that PromQL computed, with floats as counts.
    package init(_ histogram: NativeHistogram) {
        self.init(isFloat: true)
        hint = histogram.hint
        layout.schema = histogram.schema
        layout.zeroThreshold = histogram.zeroThreshold
        layout.positiveSpans = [Span](indices: histogram.positive.indices)
        layout.negativeSpans = [Span](indices: histogram.negative.indices)
        layout.customBounds = histogram.customBounds
        count = histogram.count.bitPattern
        zeroCount = histogram.zeroCount.bitPattern
        sum = histogram.sum
        positive = histogram.positive.counts.map(\.bitPattern)
        negative = histogram.negative.counts.map(\.bitPattern)
    }
}
