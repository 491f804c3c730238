import MartletCore

extension OTLPJSONDecoder {
    mutating func metrics() throws(JSONError) -> OTLP.Metrics {
        var message = OTLP.Metrics()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("resourceMetrics") {
                try json.array(into: &message.resourceMetrics) { (json) throws(JSONError) in try json.resourceMetrics()
                }
            } else {
                return false
            }
            return true
        }
        return message
    }

    private mutating func resourceMetrics() throws(JSONError) -> OTLP.ResourceMetrics {
        var item = OTLP.ResourceMetrics()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("resource") {
                item.resource = try json.resource()
            } else if json.reader.isKey("scopeMetrics") {
                try json.array(into: &item.scopeMetrics) { (json) throws(JSONError) in try json.scopeMetrics() }
            } else if json.reader.isKey("schemaUrl") {
                item.schemaURL = try json.text()
            } else {
                return false
            }
            return true
        }
        return item
    }

    private mutating func scopeMetrics() throws(JSONError) -> OTLP.ScopeMetrics {
        var item = OTLP.ScopeMetrics()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("scope") {
                item.scope = try json.scope()
            } else if json.reader.isKey("metrics") {
                try json.array(into: &item.metrics) { (json) throws(JSONError) in try json.metric() }
            } else if json.reader.isKey("schemaUrl") {
                item.schemaURL = try json.text()
            } else {
                return false
            }
            return true
        }
        return item
    }

    private mutating func metric() throws(JSONError) -> OTLP.Metric {
        var metric = OTLP.Metric()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("name") {
                metric.name = try json.text()
            } else if json.reader.isKey("description") {
                metric.description = try json.text()
            } else if json.reader.isKey("unit") {
                metric.unit = try json.text()
            } else if json.reader.isKey("gauge") {
                metric.data = try json.gauge()
            } else if json.reader.isKey("sum") {
                metric.data = try json.sum()
            } else if json.reader.isKey("histogram") {
                metric.data = try json.histogram()
            } else if json.reader.isKey("exponentialHistogram") {
                metric.data = try json.exponentialHistogram()
            } else if json.reader.isKey("summary") {
                metric.data = try json.summary()
            } else if json.reader.isKey("metadata") {
                metric.metadata = try json.attributes()
            } else {
                return false
            }
            return true
        }
        return metric
    }

    private mutating func gauge() throws(JSONError) -> OTLP.MetricData {
        var points: [OTLP.NumberDataPoint] = []
        try object { (json) throws(JSONError) in
            if json.reader.isKey("dataPoints") {
                try json.array(into: &points) { (json) throws(JSONError) in try json.numberPoint() }
            } else {
                return false
            }
            return true
        }
        return .gauge(points)
    }

    private mutating func sum() throws(JSONError) -> OTLP.MetricData {
        var points: [OTLP.NumberDataPoint] = []
        var temporality: Int32 = 0
        var isMonotonic = false
        try object { (json) throws(JSONError) in
            if json.reader.isKey("dataPoints") {
                try json.array(into: &points) { (json) throws(JSONError) in try json.numberPoint() }
            } else if json.reader.isKey("aggregationTemporality") {
                temporality = try json.enumeration(EnumNames.temporality)
            } else if json.reader.isKey("isMonotonic") {
                isMonotonic = try json.reader.bool()
            } else {
                return false
            }
            return true
        }
        return .sum(points, temporality: temporality, isMonotonic: isMonotonic)
    }

    private mutating func histogram() throws(JSONError) -> OTLP.MetricData {
        var points: [OTLP.HistogramDataPoint] = []
        var temporality: Int32 = 0
        try object { (json) throws(JSONError) in
            if json.reader.isKey("dataPoints") {
                try json.array(into: &points) { (json) throws(JSONError) in try json.histogramPoint() }
            } else if json.reader.isKey("aggregationTemporality") {
                temporality = try json.enumeration(EnumNames.temporality)
            } else {
                return false
            }
            return true
        }
        return .histogram(points, temporality: temporality)
    }

    private mutating func exponentialHistogram() throws(JSONError) -> OTLP.MetricData {
        var points: [OTLP.ExponentialHistogramDataPoint] = []
        var temporality: Int32 = 0
        try object { (json) throws(JSONError) in
            if json.reader.isKey("dataPoints") {
                try json.array(into: &points) { (json) throws(JSONError) in try json.exponentialPoint() }
            } else if json.reader.isKey("aggregationTemporality") {
                temporality = try json.enumeration(EnumNames.temporality)
            } else {
                return false
            }
            return true
        }
        return .exponentialHistogram(points, temporality: temporality)
    }

    private mutating func summary() throws(JSONError) -> OTLP.MetricData {
        var points: [OTLP.SummaryDataPoint] = []
        try object { (json) throws(JSONError) in
            if json.reader.isKey("dataPoints") {
                try json.array(into: &points) { (json) throws(JSONError) in try json.summaryPoint() }
            } else {
                return false
            }
            return true
        }
        return .summary(points)
    }
}
