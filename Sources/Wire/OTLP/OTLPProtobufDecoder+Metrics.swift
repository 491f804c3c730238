extension OTLPProtobufDecoder {
    mutating func metrics() throws(WireError) -> OTLP.Metrics {
        var metrics = OTLP.Metrics()
        try eachResource { (decoder, cursor) throws(WireError) in
            try decoder.charge(OTLP.ResourceMetrics.self)
            var item = OTLP.ResourceMetrics()
            while try cursor.next() {
                switch cursor.field {
                case 1:
                    var message = try cursor.message()
                    try decoder.resource(&message, into: &item.resource)
                case 2: item.scopeMetrics.append(try decoder.scopeMetrics(&cursor))
                case 3: item.schemaURL = try decoder.text(&cursor)
                default: try cursor.skip()
                }
            }
            metrics.resourceMetrics.append(item)
        }
        return metrics
    }

    private mutating func scopeMetrics(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.ScopeMetrics {
        try charge(OTLP.ScopeMetrics.self)
        var message = try cursor.message()
        var item = OTLP.ScopeMetrics()
        while try message.next() {
            switch message.field {
            case 1:
                var scopeMessage = try message.message()
                try scope(&scopeMessage, into: &item.scope)
            case 2: item.metrics.append(try metric(&message))
            case 3: item.schemaURL = try text(&message)
            default: try message.skip()
            }
        }
        return item
    }

    private mutating func metric(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.Metric {
        try charge(OTLP.Metric.self)
        var message = try cursor.message()
        var metric = OTLP.Metric()
        while try message.next() {
            switch message.field {
            case 1: metric.name = try text(&message)
            case 2: metric.description = try text(&message)
            case 3: metric.unit = try text(&message)
            case 5: metric.data = try gauge(&message)
            case 7: metric.data = try sum(&message)
            case 9: metric.data = try histogram(&message)
            case 10: metric.data = try exponentialHistogram(&message)
            case 11: metric.data = try summary(&message)
            case 12: try attribute(&message, into: &metric.metadata)
            default: try message.skip()
            }
        }
        return metric
    }

    private mutating func gauge(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.MetricData {
        var message = try cursor.message()
        var points: [OTLP.NumberDataPoint] = []
        while try message.next() {
            switch message.field {
            case 1: points.append(try numberPoint(&message))
            default: try message.skip()
            }
        }
        return .gauge(points)
    }

    private mutating func sum(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.MetricData {
        var message = try cursor.message()
        var points: [OTLP.NumberDataPoint] = []
        var temporality: Int32 = 0
        var isMonotonic = false
        while try message.next() {
            switch message.field {
            case 1: points.append(try numberPoint(&message))
            case 2: temporality = try message.int32()
            case 3: isMonotonic = try message.bool()
            default: try message.skip()
            }
        }
        return .sum(points, temporality: temporality, isMonotonic: isMonotonic)
    }

    private mutating func histogram(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.MetricData {
        var message = try cursor.message()
        var points: [OTLP.HistogramDataPoint] = []
        var temporality: Int32 = 0
        while try message.next() {
            switch message.field {
            case 1: points.append(try histogramPoint(&message))
            case 2: temporality = try message.int32()
            default: try message.skip()
            }
        }
        return .histogram(points, temporality: temporality)
    }

    private mutating func exponentialHistogram(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.MetricData {
        var message = try cursor.message()
        var points: [OTLP.ExponentialHistogramDataPoint] = []
        var temporality: Int32 = 0
        while try message.next() {
            switch message.field {
            case 1: points.append(try exponentialPoint(&message))
            case 2: temporality = try message.int32()
            default: try message.skip()
            }
        }
        return .exponentialHistogram(points, temporality: temporality)
    }

    private mutating func summary(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.MetricData {
        var message = try cursor.message()
        var points: [OTLP.SummaryDataPoint] = []
        while try message.next() {
            switch message.field {
            case 1: points.append(try summaryPoint(&message))
            default: try message.skip()
            }
        }
        return .summary(points)
    }
}
