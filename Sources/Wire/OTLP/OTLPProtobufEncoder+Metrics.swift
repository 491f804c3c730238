extension ProtoWriter {
    mutating func resourceMetrics(_ field: UInt32, _ item: OTLP.ResourceMetrics) {
        message(field) { writer in
            writer.resource(1, item.resource)
            for scope in item.scopeMetrics {
                writer.message(2) { writer in
                    writer.scope(1, scope.scope)
                    for metric in scope.metrics { writer.metric(2, metric) }
                    writer.text(3, scope.schemaURL)
                }
            }
            writer.text(3, item.schemaURL)
        }
    }

    private mutating func metric(_ field: UInt32, _ metric: OTLP.Metric) {
        message(field) { writer in
            writer.text(1, metric.name)
            writer.text(2, metric.description)
            writer.text(3, metric.unit)
            switch metric.data {
            case .empty: break
            case .gauge(let points):
                writer.message(5) { writer in
                    for point in points { writer.numberPoint(1, point) }
                }
            case .sum(let points, let temporality, let isMonotonic):
                writer.message(7) { writer in
                    for point in points { writer.numberPoint(1, point) }
                    if temporality != 0 { writer.int64(2, Int64(temporality)) }
                    if isMonotonic { writer.bool(3, true) }
                }
            case .histogram(let points, let temporality):
                writer.message(9) { writer in
                    for point in points { writer.histogramPoint(1, point) }
                    if temporality != 0 { writer.int64(2, Int64(temporality)) }
                }
            case .exponentialHistogram(let points, let temporality):
                writer.message(10) { writer in
                    for point in points { writer.exponentialPoint(1, point) }
                    if temporality != 0 { writer.int64(2, Int64(temporality)) }
                }
            case .summary(let points):
                writer.message(11) { writer in
                    for point in points { writer.summaryPoint(1, point) }
                }
            }
            writer.attributes(12, metric.metadata)
        }
    }

    private mutating func numberPoint(_ field: UInt32, _ point: OTLP.NumberDataPoint) {
        message(field) { writer in
            writer.time(2, point.startTimeUnixNano)
            writer.time(3, point.timeUnixNano)
            switch point.value {
            case .empty: break
            case .double(let value): writer.double(4, value)
            case .int(let value): writer.fixed64(6, UInt64(bitPattern: value))
            }
            for exemplar in point.exemplars { writer.exemplar(5, exemplar) }
            writer.attributes(7, point.attributes)
            writer.number(8, point.flags)
        }
    }

    private mutating func histogramPoint(_ field: UInt32, _ point: OTLP.HistogramDataPoint) {
        message(field) { writer in
            writer.time(2, point.startTimeUnixNano)
            writer.time(3, point.timeUnixNano)
            writer.time(4, point.count)
            if let sum = point.sum { writer.double(5, sum) }
            writer.packedFixed64(6, point.bucketCounts)
            writer.packedDouble(7, point.explicitBounds)
            for exemplar in point.exemplars { writer.exemplar(8, exemplar) }
            writer.attributes(9, point.attributes)
            writer.number(10, point.flags)
            if let min = point.min { writer.double(11, min) }
            if let max = point.max { writer.double(12, max) }
        }
    }

    private mutating func exponentialPoint(_ field: UInt32, _ point: OTLP.ExponentialHistogramDataPoint) {
        message(field) { writer in
            writer.attributes(1, point.attributes)
            writer.time(2, point.startTimeUnixNano)
            writer.time(3, point.timeUnixNano)
            writer.time(4, point.count)
            if let sum = point.sum { writer.double(5, sum) }
            if point.scale != 0 { writer.sint64(6, Int64(point.scale)) }
            writer.time(7, point.zeroCount)
            if point.positive != OTLP.Buckets() { writer.buckets(8, point.positive) }
            if point.negative != OTLP.Buckets() { writer.buckets(9, point.negative) }
            writer.number(10, point.flags)
            for exemplar in point.exemplars { writer.exemplar(11, exemplar) }
            if let min = point.min { writer.double(12, min) }
            if let max = point.max { writer.double(13, max) }
            if point.zeroThreshold.bitPattern != 0 { writer.double(14, point.zeroThreshold) }
        }
    }

    private mutating func buckets(_ field: UInt32, _ buckets: OTLP.Buckets) {
        message(field) { writer in
            if buckets.offset != 0 { writer.sint64(1, Int64(buckets.offset)) }
            writer.packedUInt64(2, buckets.bucketCounts)
        }
    }

    private mutating func summaryPoint(_ field: UInt32, _ point: OTLP.SummaryDataPoint) {
        message(field) { writer in
            writer.time(2, point.startTimeUnixNano)
            writer.time(3, point.timeUnixNano)
            writer.time(4, point.count)
            if point.sum.bitPattern != 0 { writer.double(5, point.sum) }
            for item in point.quantileValues {
                writer.message(6) { writer in
                    if item.quantile.bitPattern != 0 { writer.double(1, item.quantile) }
                    if item.value.bitPattern != 0 { writer.double(2, item.value) }
                }
            }
            writer.attributes(7, point.attributes)
            writer.number(8, point.flags)
        }
    }

    private mutating func exemplar(_ field: UInt32, _ exemplar: OTLP.Exemplar) {
        message(field) { writer in
            writer.time(2, exemplar.timeUnixNano)
            switch exemplar.value {
            case .empty: break
            case .double(let value): writer.double(3, value)
            case .int(let value): writer.fixed64(6, UInt64(bitPattern: value))
            }
            writer.spanID(4, exemplar.spanID)
            writer.traceID(5, exemplar.traceID)
            writer.attributes(7, exemplar.filteredAttributes)
        }
    }
}
