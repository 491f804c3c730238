import MartletCore

extension OTLPJSONEncoder {
    /// A ResourceMetrics object.
    package mutating func resourceMetrics(_ item: OTLP.ResourceMetrics) {
        group("scopeMetrics", item.scopeMetrics, schemaURL: item.schemaURL, of: { $0.resource(item.resource) }) {
            encoder, group in
            encoder.group("metrics", group.metrics, schemaURL: group.schemaURL, of: { $0.scope(group.scope) }) {
                $0.metric($1)
            }
        }
    }

    private mutating func metric(_ metric: OTLP.Metric) {
        object { encoder in
            encoder.text("name", metric.name)
            encoder.text("description", metric.description)
            encoder.text("unit", metric.unit)
            switch metric.data {
            case .empty: break
            case .gauge(let points):
                encoder.json.key("gauge")
                encoder.object { $0.list("dataPoints", points) { $0.numberPoint($1) } }
            case .sum(let points, let temporality, let isMonotonic):
                encoder.json.key("sum")
                encoder.object { encoder in
                    encoder.list("dataPoints", points) { $0.numberPoint($1) }
                    encoder.enumeration("aggregationTemporality", temporality, EnumNames.temporality)
                    if isMonotonic {
                        encoder.json.key("isMonotonic")
                        encoder.json.bool(true)
                    }
                }
            case .histogram(let points, let temporality):
                encoder.json.key("histogram")
                encoder.object { encoder in
                    encoder.list("dataPoints", points) { $0.histogramPoint($1) }
                    encoder.enumeration("aggregationTemporality", temporality, EnumNames.temporality)
                }
            case .exponentialHistogram(let points, let temporality):
                encoder.json.key("exponentialHistogram")
                encoder.object { encoder in
                    encoder.list("dataPoints", points) { $0.exponentialPoint($1) }
                    encoder.enumeration("aggregationTemporality", temporality, EnumNames.temporality)
                }
            case .summary(let points):
                encoder.json.key("summary")
                encoder.object { $0.list("dataPoints", points) { $0.summaryPoint($1) } }
            }
            encoder.attributes("metadata", metric.metadata)
        }
    }

    private mutating func numberPoint(_ point: OTLP.NumberDataPoint) {
        object { encoder in
            encoder.attributes("attributes", point.attributes)
            encoder.quoted("startTimeUnixNano", point.startTimeUnixNano)
            encoder.quoted("timeUnixNano", point.timeUnixNano)
            encoder.number(point.value)
            encoder.list("exemplars", point.exemplars) { $0.exemplar($1) }
            encoder.number("flags", point.flags)
        }
    }

    private mutating func number(_ value: OTLP.NumberValue) {
        switch value {
        case .empty: break
        case .double(let number): double("asDouble", number)
        case .int(let number):
            json.key("asInt")
            json.string(String(number))
        }
    }

    private mutating func optional(_ key: String, _ value: Double?) {
        if let value { double(key, value) }
    }

    private mutating func histogramPoint(_ point: OTLP.HistogramDataPoint) {
        object { encoder in
            encoder.attributes("attributes", point.attributes)
            encoder.quoted("startTimeUnixNano", point.startTimeUnixNano)
            encoder.quoted("timeUnixNano", point.timeUnixNano)
            encoder.quoted("count", point.count)
            encoder.optional("sum", point.sum)
            encoder.list("bucketCounts", point.bucketCounts) { $0.json.string(String($1)) }
            encoder.list("explicitBounds", point.explicitBounds) { $0.element($1) }
            encoder.list("exemplars", point.exemplars) { $0.exemplar($1) }
            encoder.number("flags", point.flags)
            encoder.optional("min", point.min)
            encoder.optional("max", point.max)
        }
    }

    private mutating func element(_ value: Double) {
        if value.isFinite {
            json.double(value)
        } else {
            json.string(value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity")
        }
    }

    private mutating func exponentialPoint(_ point: OTLP.ExponentialHistogramDataPoint) {
        object { encoder in
            encoder.attributes("attributes", point.attributes)
            encoder.quoted("startTimeUnixNano", point.startTimeUnixNano)
            encoder.quoted("timeUnixNano", point.timeUnixNano)
            encoder.quoted("count", point.count)
            encoder.optional("sum", point.sum)
            if point.scale != 0 {
                encoder.json.key("scale")
                encoder.json.int(Int(point.scale))
            }
            encoder.quoted("zeroCount", point.zeroCount)
            encoder.buckets("positive", point.positive)
            encoder.buckets("negative", point.negative)
            encoder.number("flags", point.flags)
            encoder.list("exemplars", point.exemplars) { $0.exemplar($1) }
            encoder.optional("min", point.min)
            encoder.optional("max", point.max)
            if point.zeroThreshold.bitPattern != 0 { encoder.double("zeroThreshold", point.zeroThreshold) }
        }
    }

    private mutating func buckets(_ key: String, _ buckets: OTLP.Buckets) {
        guard buckets != OTLP.Buckets() else { return }
        json.key(key)
        object { encoder in
            if buckets.offset != 0 {
                encoder.json.key("offset")
                encoder.json.int(Int(buckets.offset))
            }
            encoder.list("bucketCounts", buckets.bucketCounts) { $0.json.string(String($1)) }
        }
    }

    private mutating func summaryPoint(_ point: OTLP.SummaryDataPoint) {
        object { encoder in
            encoder.attributes("attributes", point.attributes)
            encoder.quoted("startTimeUnixNano", point.startTimeUnixNano)
            encoder.quoted("timeUnixNano", point.timeUnixNano)
            encoder.quoted("count", point.count)
            if point.sum.bitPattern != 0 { encoder.double("sum", point.sum) }
            encoder.list("quantileValues", point.quantileValues) { encoder, item in
                encoder.object { encoder in
                    if item.quantile.bitPattern != 0 { encoder.double("quantile", item.quantile) }
                    if item.value.bitPattern != 0 { encoder.double("value", item.value) }
                }
            }
            encoder.number("flags", point.flags)
        }
    }

    private mutating func exemplar(_ exemplar: OTLP.Exemplar) {
        object { encoder in
            encoder.attributes("filteredAttributes", exemplar.filteredAttributes)
            encoder.quoted("timeUnixNano", exemplar.timeUnixNano)
            encoder.number(exemplar.value)
            if !exemplar.spanID.isZero { encoder.id("spanId", exemplar.spanID.bytes) }
            if !exemplar.traceID.isZero { encoder.id("traceId", exemplar.traceID.bytes) }
        }
    }
}
