import MartletCore

/// What the points of all kinds of metrics have.
protocol OTLPDataPoint {
    var attributes: [OTLP.KeyValue] { get set }
    var startTimeUnixNano: UInt64 { get set }
    var timeUnixNano: UInt64 { get set }
    var flags: UInt32 { get set }
}

extension OTLP.NumberDataPoint: OTLPDataPoint {}
extension OTLP.HistogramDataPoint: OTLPDataPoint {}
extension OTLP.ExponentialHistogramDataPoint: OTLPDataPoint {}
extension OTLP.SummaryDataPoint: OTLPDataPoint {}

extension OTLPJSONDecoder {
    /// Reads a member that all points have; false for another.
    private mutating func member(of point: inout some OTLPDataPoint) throws(JSONError) -> Bool {
        if reader.isKey("attributes") {
            point.attributes = try attributes()
        } else if reader.isKey("startTimeUnixNano") {
            point.startTimeUnixNano = try uint64()
        } else if reader.isKey("timeUnixNano") {
            point.timeUnixNano = try uint64()
        } else if reader.isKey("flags") {
            point.flags = try uint32()
        } else {
            return false
        }
        return true
    }

    mutating func numberPoint() throws(JSONError) -> OTLP.NumberDataPoint {
        var point = OTLP.NumberDataPoint()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("asDouble") {
                point.value = .double(try json.double())
            } else if json.reader.isKey("asInt") {
                point.value = .int(try json.int64())
            } else if json.reader.isKey("exemplars") {
                try json.array(into: &point.exemplars) { (json) throws(JSONError) in try json.exemplar() }
            } else {
                return try json.member(of: &point)
            }
            return true
        }
        return point
    }

    mutating func histogramPoint() throws(JSONError) -> OTLP.HistogramDataPoint {
        var point = OTLP.HistogramDataPoint()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("count") {
                point.count = try json.uint64()
            } else if json.reader.isKey("sum") {
                point.sum = try json.double()
            } else if json.reader.isKey("bucketCounts") {
                try json.array(into: &point.bucketCounts) { (json) throws(JSONError) in try json.uint64() }
            } else if json.reader.isKey("explicitBounds") {
                try json.array(into: &point.explicitBounds) { (json) throws(JSONError) in try json.double() }
            } else if json.reader.isKey("exemplars") {
                try json.array(into: &point.exemplars) { (json) throws(JSONError) in try json.exemplar() }
            } else if json.reader.isKey("min") {
                point.min = try json.double()
            } else if json.reader.isKey("max") {
                point.max = try json.double()
            } else {
                return try json.member(of: &point)
            }
            return true
        }
        return point
    }

    mutating func exponentialPoint() throws(JSONError) -> OTLP.ExponentialHistogramDataPoint {
        var point = OTLP.ExponentialHistogramDataPoint()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("count") {
                point.count = try json.uint64()
            } else if json.reader.isKey("sum") {
                point.sum = try json.double()
            } else if json.reader.isKey("scale") {
                point.scale = try json.int32()
            } else if json.reader.isKey("zeroCount") {
                point.zeroCount = try json.uint64()
            } else if json.reader.isKey("positive") {
                point.positive = try json.buckets()
            } else if json.reader.isKey("negative") {
                point.negative = try json.buckets()
            } else if json.reader.isKey("exemplars") {
                try json.array(into: &point.exemplars) { (json) throws(JSONError) in try json.exemplar() }
            } else if json.reader.isKey("min") {
                point.min = try json.double()
            } else if json.reader.isKey("max") {
                point.max = try json.double()
            } else if json.reader.isKey("zeroThreshold") {
                point.zeroThreshold = try json.double()
            } else {
                return try json.member(of: &point)
            }
            return true
        }
        return point
    }

    private mutating func buckets() throws(JSONError) -> OTLP.Buckets {
        var buckets = OTLP.Buckets()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("offset") {
                buckets.offset = try json.int32()
            } else if json.reader.isKey("bucketCounts") {
                try json.array(into: &buckets.bucketCounts) { (json) throws(JSONError) in try json.uint64() }
            } else {
                return false
            }
            return true
        }
        return buckets
    }

    mutating func summaryPoint() throws(JSONError) -> OTLP.SummaryDataPoint {
        var point = OTLP.SummaryDataPoint()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("count") {
                point.count = try json.uint64()
            } else if json.reader.isKey("sum") {
                point.sum = try json.double()
            } else if json.reader.isKey("quantileValues") {
                try json.array(into: &point.quantileValues) { (json) throws(JSONError) in try json.quantile() }
            } else {
                return try json.member(of: &point)
            }
            return true
        }
        return point
    }

    private mutating func quantile() throws(JSONError) -> OTLP.QuantileValue {
        var item = OTLP.QuantileValue()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("quantile") {
                item.quantile = try json.double()
            } else if json.reader.isKey("value") {
                item.value = try json.double()
            } else {
                return false
            }
            return true
        }
        return item
    }

    private mutating func exemplar() throws(JSONError) -> OTLP.Exemplar {
        var item = OTLP.Exemplar()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("filteredAttributes") {
                item.filteredAttributes = try json.attributes()
            } else if json.reader.isKey("timeUnixNano") {
                item.timeUnixNano = try json.uint64()
            } else if json.reader.isKey("asDouble") {
                item.value = .double(try json.double())
            } else if json.reader.isKey("asInt") {
                item.value = .int(try json.int64())
            } else if json.reader.isKey("spanId") {
                item.spanID = try json.spanID()
            } else if json.reader.isKey("traceId") {
                item.traceID = try json.traceID()
            } else {
                return false
            }
            return true
        }
        return item
    }
}
