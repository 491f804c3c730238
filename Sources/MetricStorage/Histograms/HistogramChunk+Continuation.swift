import PromQL

extension HistogramChunk {
    /// How a sample relates to the last one of a chunk.
    private enum Relation {
        /// It continues the chunk, whose samples and the new one need to have this layout.
        case continues(StoredHistogram.Layout)
        /// It begins a chunk.
        case begins(Reset)
    }

    /// The chunk that a series' first sample begins.
    static func beginning(with sample: StoredHistogram, at time: Int64) -> HistogramChunk {
        HistogramChunk(sample, at: time, reset: header(sample, .unknown))
    }

    /// Appends a later sample, widening the layout of the samples before it where it has further buckets; gives the chunk
    /// as it was when the sample has to begin a new one, which takes its place. The rules are Prometheus': a reset, another
    /// kind, schema, zero bucket or bounds, and whatever follows a staleness marker begin a chunk, as does `isDue`.
    mutating func take(_ sample: StoredHistogram, at time: Int64, isDue: Bool) -> HistogramChunk? {
        let relation = relation(to: sample)
        switch relation {
        case .continues(let wanted) where !isDue && !isFull:
            if sample.isStale {
                append(sample, at: time)
            } else {
                if wanted != layout { self = widened(to: wanted) }
                append(sample.widened(to: wanted), at: time)
            }
            return nil
        case .continues:
            let closed = self
            self = HistogramChunk(sample, at: time, reset: Self.header(sample, .notReset))
            return closed
        case .begins(let reset):
            let closed = self
            self = HistogramChunk(sample, at: time, reset: Self.header(sample, reset))
            return closed
        }
    }

    private static func header(_ sample: StoredHistogram, _ known: Reset) -> Reset {
        switch sample.hint {
        case .gauge: .gauge
        case .reset: .reset
        case .unknown, .notReset: known
        }
    }

    private func relation(to sample: StoredHistogram) -> Relation {
        let isGauge = sample.hint == .gauge
        // A staleness marker says nothing about what it ends.
        guard sample.isFloat == isFloat, isGauge == (reset == .gauge) || sample.isStale else {
            return .begins(.unknown)
        }
        if sample.hint == .reset { return .begins(.reset) }
        if sample.isStale { return .continues(layout) }
        if last.isStale { return .begins(.unknown) }
        if !isGauge, sample.isBelow(sample.count, last.count) { return .begins(.reset) }
        let (old, new) = (layout, sample.layout)
        if old.schema != new.schema || old.zeroThreshold != new.zeroThreshold { return .begins(.unknown) }
        if old.customBounds != new.customBounds { return .begins(.reset) }
        if !isGauge {
            if sample.isBelow(sample.zeroCount, last.zeroCount)
                || Self.hasShrunk(old.positiveSpans, last.positive, new.positiveSpans, sample, sample.positive)
                || Self.hasShrunk(old.negativeSpans, last.negative, new.negativeSpans, sample, sample.negative)
            {
                return .begins(.reset)
            }
        }
        var wanted = old
        wanted.positiveSpans = Self.union(old.positiveSpans, new.positiveSpans)
        wanted.negativeSpans = Self.union(old.negativeSpans, new.negativeSpans)
        // More than a chunk is read with.
        if [wanted.positiveSpans, wanted.negativeSpans].contains(where: { $0.bucketCount > StoredHistogram.bucketLimit }
        ) {
            return .begins(.unknown)
        }
        return .continues(wanted)
    }

    /// Whether a bucket has lost observations, or went while it had some.
    private static func hasShrunk(
        _ oldSpans: [StoredHistogram.Span], _ old: [UInt64], _ newSpans: [StoredHistogram.Span],
        _ sample: StoredHistogram, _ new: [UInt64]
    ) -> Bool {
        if oldSpans == newSpans { return zip(old, new).contains { sample.isBelow($1, $0) } }
        let indices = newSpans.indices
        var next = 0
        for (index, count) in zip(oldSpans.indices, old) {
            while next < indices.count, indices[next] < index { next += 1 }
            let isThere = next < indices.count && indices[next] == index
            // Zero is all bits zero, whole or float.
            if isThere ? sample.isBelow(new[next], count) : count != 0 { return true }
        }
        return false
    }

    /// Spans with the buckets of both; the first ones where they have all.
    private static func union(
        _ a: [StoredHistogram.Span], _ b: [StoredHistogram.Span]
    ) -> [StoredHistogram.Span] {
        if a == b { return a }
        let (x, y) = (a.indices, b.indices)
        var merged: [Int32] = []
        var (i, j) = (0, 0)
        while i < x.count || j < y.count {
            let next = i == x.count ? y[j] : j == y.count ? x[i] : min(x[i], y[j])
            merged.append(next)
            if i < x.count, x[i] == next { i += 1 }
            if j < y.count, y[j] == next { j += 1 }
        }
        return merged.count == x.count ? a : [StoredHistogram.Span](indices: merged)
    }

    /// The same samples in a layout with more buckets.
    private func widened(to layout: StoredHistogram.Layout) -> HistogramChunk {
        var result: HistogramChunk?
        let bytes = bytes
        bytes.withUnsafeBytes { bytes in
            _ = HistogramChunkDecoder.decode(encoding, bytes, from: .min, to: .max) { time, _, sample in
                let sample = sample.isStale ? sample : sample.widened(to: layout)
                if result == nil {
                    result = HistogramChunk(sample, at: time, reset: reset)
                } else {
                    result?.append(sample, at: time)
                }
            }
        }
        return result ?? self
    }
}

extension StoredHistogram {
    /// The same in a layout that has all its buckets; the others are empty.
    func widened(to layout: Layout) -> StoredHistogram {
        if layout == self.layout { return self }
        var result = self
        result.layout = layout
        result.positive = Self.widened(positive, self.layout.positiveSpans, layout.positiveSpans)
        result.negative = Self.widened(negative, self.layout.negativeSpans, layout.negativeSpans)
        return result
    }

    private static func widened(_ counts: [UInt64], _ old: [Span], _ new: [Span]) -> [UInt64] {
        if old == new { return counts }
        let indices = old.indices
        var next = 0
        return new.indices.map { index in
            guard next < indices.count, indices[next] == index else { return 0 }
            next += 1
            return counts[next - 1]
        }
    }
}
