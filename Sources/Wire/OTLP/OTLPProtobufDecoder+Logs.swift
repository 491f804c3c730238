extension OTLPProtobufDecoder {
    mutating func logs() throws(WireError) -> OTLP.Logs {
        var logs = OTLP.Logs()
        try eachResource { (decoder, cursor) throws(WireError) in
            try decoder.charge(OTLP.ResourceLogs.self)
            var item = OTLP.ResourceLogs()
            while try cursor.next() {
                switch cursor.field {
                case 1:
                    var message = try cursor.message()
                    try decoder.resource(&message, into: &item.resource)
                case 2: item.scopeLogs.append(try decoder.scopeLogs(&cursor))
                case 3: item.schemaURL = try decoder.text(&cursor)
                default: try cursor.skip()
                }
            }
            logs.resourceLogs.append(item)
        }
        return logs
    }

    private mutating func scopeLogs(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.ScopeLogs {
        try charge(OTLP.ScopeLogs.self)
        var message = try cursor.message()
        var item = OTLP.ScopeLogs()
        while try message.next() {
            switch message.field {
            case 1:
                var scopeMessage = try message.message()
                try scope(&scopeMessage, into: &item.scope)
            case 2: item.logRecords.append(try logRecord(&message))
            case 3: item.schemaURL = try text(&message)
            default: try message.skip()
            }
        }
        return item
    }

    private mutating func logRecord(_ cursor: inout ProtoCursor) throws(WireError) -> OTLP.LogRecord {
        try charge(OTLP.LogRecord.self)
        var message = try cursor.message()
        var record = OTLP.LogRecord()
        while try message.next() {
            switch message.field {
            case 1: record.timeUnixNano = try message.fixed64()
            case 2: record.severityNumber = try message.int32()
            case 3: record.severityText = try text(&message)
            case 5: try value(&message, into: &record.body)
            case 6: try attribute(&message, into: &record.attributes)
            case 7: record.droppedAttributesCount = try message.uint32()
            case 8: record.flags = try message.fixed32()
            case 9: record.traceID = try traceID(&message)
            case 10: record.spanID = try spanID(&message)
            case 11: record.observedTimeUnixNano = try message.fixed64()
            case 12: record.eventName = try text(&message)
            default: try message.skip()
            }
        }
        return record
    }
}
