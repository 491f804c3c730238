import MartletCore

extension OTLPMetricTranslation {
    mutating func add(
        _ point: OTLP.NumberDataPoint, _ name: String, _ promoted: [OTLP.KeyValue], _ identity: Labels,
        exemplars wantsExemplars: Bool
    ) {
        if isTooLarge { return }
        var labels = pointLabels(point.attributes, promoted, identity)
        labels.set(Labels.metricName, name)
        let isStale = point.flags & 1 != 0
        guard let value = isStale ? Self.staleMarker : point.value.double else {
            rejected += 1
            return
        }
        append(labels.build(), value, point.timeUnixNano, wantsExemplars ? point.exemplars[...] : [])
    }

    /// Cumulative buckets, count and sum of a histogram with explicit bounds.
    mutating func add(
        _ point: OTLP.HistogramDataPoint, _ name: String, _ promoted: [OTLP.KeyValue], _ identity: Labels
    ) {
        if isTooLarge { return }
        let base = pointLabels(point.attributes, promoted, identity)
        let isStale = point.flags & 1 != 0
        func value(_ number: Double) -> Double { isStale ? Self.staleMarker : number }
        var labels = base
        if let sum = point.sum {
            labels.set(Labels.metricName, name + "_sum")
            append(labels.build(), value(sum), point.timeUnixNano)
        }
        labels.set(Labels.metricName, name + "_count")
        append(labels.build(), value(Double(point.count)), point.timeUnixNano)
        labels.set(Labels.metricName, name + "_bucket")
        var cumulative: UInt64 = 0
        var previous = -Double.infinity
        // Bounds without counts carry nothing; one more count than bounds is the bucket up to infinity.
        for (bound, count) in zip(point.explicitBounds, point.bucketCounts) where bound < .infinity {
            if isTooLarge { return }
            cumulative = cumulative &+ count
            labels.set("le", FloatText.fixed(bound))
            let bucket = point.exemplars.filter { exemplar in
                guard let seen = exemplar.value.double else { return false }
                return seen > previous && seen <= bound
            }
            append(labels.build(), value(Double(cumulative)), point.timeUnixNano, bucket[...])
            previous = bound
        }
        labels.set("le", "+Inf")
        let rest = point.exemplars.filter { ($0.value.double ?? -.infinity) > previous }
        append(labels.build(), value(Double(point.count)), point.timeUnixNano, rest[...])
    }

    mutating func add(
        _ point: OTLP.SummaryDataPoint, _ name: String, _ promoted: [OTLP.KeyValue], _ identity: Labels
    ) {
        if isTooLarge { return }
        let isStale = point.flags & 1 != 0
        func value(_ number: Double) -> Double { isStale ? Self.staleMarker : number }
        var labels = pointLabels(point.attributes, promoted, identity)
        labels.set(Labels.metricName, name + "_sum")
        append(labels.build(), value(point.sum), point.timeUnixNano)
        labels.set(Labels.metricName, name + "_count")
        append(labels.build(), value(Double(point.count)), point.timeUnixNano)
        labels.set(Labels.metricName, name)
        for item in point.quantileValues {
            if isTooLarge { return }
            labels.set("quantile", FloatText.fixed(item.quantile))
            append(labels.build(), value(item.value), point.timeUnixNano)
        }
    }

    /// A native histogram of an exponential one, whose name stays as it is. Prometheus' finest schema is 8: what is finer
    /// is made coarser; nothing is coarser than -4.
    mutating func add(
        _ point: OTLP.ExponentialHistogramDataPoint, _ metric: OTLP.Metric, _ name: String,
        _ promoted: [OTLP.KeyValue], _ identity: Labels
    ) {
        if isTooLarge { return }
        guard point.scale >= -4 else {
            return reject(
                metric, "cannot become a native histogram: its scale must be >= -4, was \(point.scale)", points: 1)
        }
        var labels = pointLabels(point.attributes, promoted, identity)
        labels.set(Labels.metricName, name)
        var histogram = RemoteWrite.Histogram()
        histogram.timestamp = Int64(point.timeUnixNano / 1_000_000)
        if point.flags & 1 != 0 {
            histogram.sum = Self.staleMarker
        } else {
            let steps = max(0, point.scale - 8)
            histogram.schema = point.scale - steps
            histogram.zeroThreshold = point.zeroThreshold > 0 ? point.zeroThreshold : 1e-128
            histogram.zeroCount = point.zeroCount
            histogram.count = point.count
            histogram.sum = point.sum ?? 0
            (histogram.positiveSpans, histogram.positive) = Self.buckets(point.positive, coarserBy: steps)
            (histogram.negativeSpans, histogram.negative) = Self.buckets(point.negative, coarserBy: steps)
        }
        histograms.append(histogram)
        let firstExemplar = exemplars.count
        for exemplar in point.exemplars { append(exemplar) }
        add(
            Series(
                labels: labels.build(), samples: samples.count..<samples.count,
                exemplars: firstExemplar..<exemplars.count, histograms: histograms.count - 1..<histograms.count))
    }

    /// OTLP's bucket i is Prometheus' i + 1. Runs of more than two empty buckets part spans.
    private static func buckets(
        _ buckets: OTLP.Buckets, coarserBy steps: Int32
    ) -> ([RemoteWrite.Histogram.Span], [UInt64]) {
        var spans: [RemoteWrite.Histogram.Span] = []
        var counts: [UInt64] = []
        // Of the next bucket in the last span.
        var next: Int64 = 0
        for (position, count) in buckets.bucketCounts.enumerated() where count > 0 {
            let index = ((Int64(buckets.offset) + Int64(position)) >> Int64(min(steps, 63))) + 1
            if !spans.isEmpty, index == next - 1 {
                counts[counts.count - 1] &+= count
                continue
            }
            let gap = index - next
            if spans.isEmpty || gap > 2 {
                guard let offset = Int32(exactly: gap) else { continue }
                spans.append(.init(offset: offset, length: 0))
            } else {
                counts += repeatElement(0, count: Int(gap))
                spans[spans.count - 1].length += UInt32(gap)
            }
            counts.append(count)
            spans[spans.count - 1].length += 1
            next = index + 1
        }
        return (spans, counts)
    }

    /// The point's own attributes, over promoted ones of the resource, under job and instance.
    private func pointLabels(
        _ attributes: [OTLP.KeyValue], _ promoted: [OTLP.KeyValue], _ identity: Labels
    ) -> LabelsBuilder {
        var builder = labels(attributes, promoted.isEmpty ? Labels() : labels(promoted).build())
        for pair in identity.pairs { builder.set(pair.name, pair.value) }
        return builder
    }

    private mutating func append(
        _ labels: Labels, _ value: Double, _ time: UInt64, _ exemplars: ArraySlice<OTLP.Exemplar> = []
    ) {
        let firstExemplar = self.exemplars.count
        for exemplar in exemplars { append(exemplar) }
        samples.append(.init(timestamp: Int64(time / 1_000_000), value: value))
        add(
            Series(
                labels: labels, samples: samples.count - 1..<samples.count,
                exemplars: firstExemplar..<self.exemplars.count))
    }

    private mutating func append(_ exemplar: OTLP.Exemplar) {
        guard let seen = exemplar.value.double else { return }
        var builder = labels(exemplar.filteredAttributes)
        if !exemplar.traceID.isZero { builder.set("trace_id", "\(exemplar.traceID)") }
        if !exemplar.spanID.isZero { builder.set("span_id", "\(exemplar.spanID)") }
        exemplars.append(
            Exemplar(labels: builder.build(), value: seen, timestamp: Int64(exemplar.timeUnixNano / 1_000_000)))
    }
}
