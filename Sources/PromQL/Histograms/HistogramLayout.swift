/// What two histograms must have in common before their counts can be added.
struct HistogramLayout: Equatable {
    var schema: Int32
    var zeroThreshold: Double
    var customBounds: [Double]

    init(_ histogram: NativeHistogram) {
        schema = histogram.schema
        zeroThreshold = histogram.zeroThreshold
        customBounds = histogram.customBounds
    }

    /// The finest layout that both can be brought to; nil when one has bounds of its own and the other has not.
    init?(_ a: NativeHistogram, _ b: NativeHistogram) {
        guard a.hasCustomBounds == b.hasCustomBounds else { return nil }
        schema = min(a.schema, b.schema)
        customBounds = []
        zeroThreshold = 0
        if a.hasCustomBounds {
            customBounds =
                a.customBounds == b.customBounds
                ? a.customBounds : HistogramLayout.common(a.customBounds, b.customBounds)
            return
        }
        zeroThreshold = max(a.zeroThreshold, b.zeroThreshold)
        // Widening the zero bucket for one may end inside a bucket of the other.
        while true {
            let widened = b.zeroThreshold(atLeast: a.zeroThreshold(atLeast: zeroThreshold))
            if widened == zeroThreshold { return }
            zeroThreshold = widened
        }
    }

    /// Bounds that both lists have.
    private static func common(_ a: [Double], _ b: [Double]) -> [Double] {
        var result: [Double] = []
        var (i, j) = (0, 0)
        while i < a.count, j < b.count {
            if a[i] == b[j] {
                result.append(a[i])
                i += 1
                j += 1
            } else if a[i] < b[j] {
                i += 1
            } else {
                j += 1
            }
        }
        return result
    }
}

extension NativeHistogram {
    /// The smallest zero threshold from `minimum` on that is not inside a populated bucket.
    func zeroThreshold(atLeast minimum: Double) -> Double {
        if minimum == zeroThreshold { return minimum }
        var threshold = minimum
        for side in [positive, negative] {
            for (index, count) in zip(side.indices, side.counts) where count != 0 {
                let upper = bound(index)
                if bound(index - 1) < threshold, upper > threshold { threshold = upper }
            }
        }
        // A bucket of the first side may have become the one that is cut.
        return threshold == minimum ? threshold : zeroThreshold(atLeast: threshold)
    }

    /// Brings the histogram to a layout that is coarser than its own.
    mutating func adopt(_ layout: HistogramLayout) {
        if layout.customBounds != customBounds {
            let (own, wanted) = (customBounds, layout.customBounds)
            positive = positive.mapped { index in
                guard Int(index) < own.count else { return Int32(wanted.count) }
                return Int32(wanted.firstIndex { $0 >= own[Int(index)] } ?? wanted.count)
            }
            customBounds = wanted
        }
        if layout.zeroThreshold > zeroThreshold {
            let isOutside = { (index: Int32) in self.bound(index - 1) >= layout.zeroThreshold }
            let (above, below) = (positive.partitioned(keeping: isOutside), negative.partitioned(keeping: isOutside))
            zeroCount += above.rest + below.rest
            (positive, negative) = (above.kept, below.kept)
            zeroThreshold = layout.zeroThreshold
        }
        if layout.schema < schema {
            positive = positive.reduced(by: schema - layout.schema)
            negative = negative.reduced(by: schema - layout.schema)
            schema = layout.schema
        }
    }
}
