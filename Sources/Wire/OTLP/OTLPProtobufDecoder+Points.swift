extension OTLPProtobufDecoder {
    mutating func numberPoint(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.NumberDataPoint {
        try charge(OTLP.NumberDataPoint.self)
        var message = try cursor.message()
        var point = OTLP.NumberDataPoint()
        while try message.next() {
            switch message.field {
            case 2: point.startTimeUnixNano = try message.fixed64()
            case 3: point.timeUnixNano = try message.fixed64()
            case 4: point.value = .double(try message.double())
            case 5: point.exemplars.append(try exemplar(&message))
            case 6: point.value = .int(Int64(bitPattern: try message.fixed64()))
            case 7: try attribute(&message, into: &point.attributes)
            case 8: point.flags = try message.uint32()
            default: try message.skip()
            }
        }
        return point
    }

    mutating func histogramPoint(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.HistogramDataPoint {
        try charge(OTLP.HistogramDataPoint.self)
        var message = try cursor.message()
        var point = OTLP.HistogramDataPoint()
        while try message.next() {
            switch message.field {
            case 2: point.startTimeUnixNano = try message.fixed64()
            case 3: point.timeUnixNano = try message.fixed64()
            case 4: point.count = try message.fixed64()
            case 5: point.sum = try message.double()
            case 6: try message.fixed64s(into: &point.bucketCounts)
            case 7: try message.doubles(into: &point.explicitBounds)
            case 8: point.exemplars.append(try exemplar(&message))
            case 9: try attribute(&message, into: &point.attributes)
            case 10: point.flags = try message.uint32()
            case 11: point.min = try message.double()
            case 12: point.max = try message.double()
            default: try message.skip()
            }
        }
        return point
    }

    mutating func exponentialPoint(
        _ cursor: inout ProtoCursor
    ) throws(WireError) -> OTLP.ExponentialHistogramDataPoint {
        try charge(OTLP.ExponentialHistogramDataPoint.self)
        var message = try cursor.message()
        var point = OTLP.ExponentialHistogramDataPoint()
        while try message.next() {
            switch message.field {
            case 1: try attribute(&message, into: &point.attributes)
            case 2: point.startTimeUnixNano = try message.fixed64()
            case 3: point.timeUnixNano = try message.fixed64()
            case 4: point.count = try message.fixed64()
            case 5: point.sum = try message.double()
            case 6: point.scale = try message.sint32()
            case 7: point.zeroCount = try message.fixed64()
            case 8: try buckets(&message, into: &point.positive)
            case 9: try buckets(&message, into: &point.negative)
            case 10: point.flags = try message.uint32()
            case 11: point.exemplars.append(try exemplar(&message))
            case 12: point.min = try message.double()
            case 13: point.max = try message.double()
            case 14: point.zeroThreshold = try message.double()
            default: try message.skip()
            }
        }
        return point
    }

    private mutating func buckets(_ cursor: inout ProtoCursor, into buckets: inout OTLP.Buckets) throws(WireError) {
        var message = try cursor.message()
        while try message.next() {
            switch message.field {
            case 1: buckets.offset = try message.sint32()
            case 2:
                // A count is one byte on the wire and eight in memory.
                let before = buckets.bucketCounts.count
                try message.uint64s(into: &buckets.bucketCounts)
                try chargeGrowth(of: buckets.bucketCounts, from: before)
            default: try message.skip()
            }
        }
    }

    mutating func summaryPoint(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.SummaryDataPoint {
        try charge(OTLP.SummaryDataPoint.self)
        var message = try cursor.message()
        var point = OTLP.SummaryDataPoint()
        while try message.next() {
            switch message.field {
            case 2: point.startTimeUnixNano = try message.fixed64()
            case 3: point.timeUnixNano = try message.fixed64()
            case 4: point.count = try message.fixed64()
            case 5: point.sum = try message.double()
            case 6: point.quantileValues.append(try quantile(&message))
            case 7: try attribute(&message, into: &point.attributes)
            case 8: point.flags = try message.uint32()
            default: try message.skip()
            }
        }
        return point
    }

    private mutating func quantile(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.QuantileValue {
        try charge(OTLP.QuantileValue.self)
        var message = try cursor.message()
        var item = OTLP.QuantileValue()
        while try message.next() {
            switch message.field {
            case 1: item.quantile = try message.double()
            case 2: item.value = try message.double()
            default: try message.skip()
            }
        }
        return item
    }

    private mutating func exemplar(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.Exemplar {
        try charge(OTLP.Exemplar.self)
        var message = try cursor.message()
        var item = OTLP.Exemplar()
        while try message.next() {
            switch message.field {
            case 2: item.timeUnixNano = try message.fixed64()
            case 3: item.value = .double(try message.double())
            case 4: item.spanID = try spanID(&message)
            case 5: item.traceID = try traceID(&message)
            case 6: item.value = .int(Int64(bitPattern: try message.fixed64()))
            case 7: try attribute(&message, into: &item.filteredAttributes)
            default: try message.skip()
            }
        }
        return item
    }
}
