import MartletCore

extension OTLPMetricTranslation {
    mutating func add(
        _ point: OTLP.NumberDataPoint, _ name: String, _ promoted: [OTLP.KeyValue], _ identity: Labels,
        exemplars wantsExemplars: Bool
    ) {
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
        let isStale = point.flags & 1 != 0
        func value(_ number: Double) -> Double { isStale ? Self.staleMarker : number }
        var labels = pointLabels(point.attributes, promoted, identity)
        labels.set(Labels.metricName, name + "_sum")
        append(labels.build(), value(point.sum), point.timeUnixNano)
        labels.set(Labels.metricName, name + "_count")
        append(labels.build(), value(Double(point.count)), point.timeUnixNano)
        labels.set(Labels.metricName, name)
        for item in point.quantileValues {
            labels.set("quantile", FloatText.fixed(item.quantile))
            append(labels.build(), value(item.value), point.timeUnixNano)
        }
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
        for exemplar in exemplars {
            guard let seen = exemplar.value.double else { continue }
            var builder = self.labels(exemplar.filteredAttributes)
            if !exemplar.traceID.isZero { builder.set("trace_id", "\(exemplar.traceID)") }
            if !exemplar.spanID.isZero { builder.set("span_id", "\(exemplar.spanID)") }
            self.exemplars.append(
                Exemplar(
                    labels: builder.build(), value: seen,
                    timestamp: Int64(exemplar.timeUnixNano / 1_000_000)))
        }
        samples.append(.init(timestamp: Int64(time / 1_000_000), value: value))
        series.append(
            Series(
                labels: labels, samples: samples.count - 1..<samples.count,
                exemplars: firstExemplar..<self.exemplars.count))
    }
}
