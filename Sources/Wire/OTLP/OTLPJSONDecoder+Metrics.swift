import MartletCore

extension OTLPJSONDecoder {
    mutating func metrics() throws(JSONError) -> OTLP.Metrics {
        OTLP.Metrics(
            resourceMetrics: try list("resourceMetrics") { (json) throws(JSONError) in
                let group = try json.resourceGroup("scopeMetrics") { (json) throws(JSONError) in try json.scopeMetrics()
                }
                return OTLP.ResourceMetrics(
                    resource: group.resource, scopeMetrics: group.scopes, schemaURL: group.schemaURL)
            })
    }

    private mutating func scopeMetrics() throws(JSONError) -> OTLP.ScopeMetrics {
        let group = try scopeGroup("metrics") { (json) throws(JSONError) in try json.metric() }
        return OTLP.ScopeMetrics(scope: group.scope, metrics: group.items, schemaURL: group.schemaURL)
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
                metric.data = .gauge(try json.list("dataPoints") { (json) throws(JSONError) in try json.numberPoint() })
            } else if json.reader.isKey("sum") {
                metric.data = try json.sum()
            } else if json.reader.isKey("histogram") {
                let (points, temporality) = try json.points { (json) throws(JSONError) in try json.histogramPoint() }
                metric.data = .histogram(points, temporality: temporality)
            } else if json.reader.isKey("exponentialHistogram") {
                let (points, temporality) = try json.points { (json) throws(JSONError) in try json.exponentialPoint() }
                metric.data = .exponentialHistogram(points, temporality: temporality)
            } else if json.reader.isKey("summary") {
                metric.data = .summary(
                    try json.list("dataPoints") { (json) throws(JSONError) in try json.summaryPoint() })
            } else if json.reader.isKey("metadata") {
                metric.metadata = try json.attributes()
            } else {
                return false
            }
            return true
        }
        return metric
    }

    private mutating func sum() throws(JSONError) -> OTLP.MetricData {
        var isMonotonic = false
        let (points, temporality) = try points(
            { (json) throws(JSONError) in try json.numberPoint() },
            other: { (json) throws(JSONError) in
                guard json.reader.isKey("isMonotonic") else { return false }
                isMonotonic = try json.reader.bool()
                return true
            })
        return .sum(points, temporality: temporality, isMonotonic: isMonotonic)
    }

    /// The points of a metric that has a temporality, and that; `other` gives false for a key it does not know.
    private mutating func points<Point>(
        _ point: (inout OTLPJSONDecoder) throws(JSONError) -> Point,
        other: (inout OTLPJSONDecoder) throws(JSONError) -> Bool = { (_) throws(JSONError) in false }
    ) throws(JSONError) -> (points: [Point], temporality: Int32) {
        var points: [Point] = []
        var temporality: Int32 = 0
        try object { (json) throws(JSONError) in
            if json.reader.isKey("dataPoints") {
                try json.array(into: &points, point)
            } else if json.reader.isKey("aggregationTemporality") {
                temporality = try json.enumeration(EnumNames.temporality)
            } else {
                return try other(&json)
            }
            return true
        }
        return (points, temporality)
    }
}
