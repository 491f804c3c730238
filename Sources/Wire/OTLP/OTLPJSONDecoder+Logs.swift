import MartletCore

extension OTLPJSONDecoder {
    mutating func logs() throws(JSONError) -> OTLP.Logs {
        var message = OTLP.Logs()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("resourceLogs") {
                try json.array(into: &message.resourceLogs) { (json) throws(JSONError) in try json.resourceLogs() }
            } else {
                return false
            }
            return true
        }
        return message
    }

    private mutating func resourceLogs() throws(JSONError) -> OTLP.ResourceLogs {
        var item = OTLP.ResourceLogs()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("resource") {
                item.resource = try json.resource()
            } else if json.reader.isKey("scopeLogs") {
                try json.array(into: &item.scopeLogs) { (json) throws(JSONError) in try json.scopeLogs() }
            } else if json.reader.isKey("schemaUrl") {
                item.schemaURL = try json.text()
            } else {
                return false
            }
            return true
        }
        return item
    }

    private mutating func scopeLogs() throws(JSONError) -> OTLP.ScopeLogs {
        var item = OTLP.ScopeLogs()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("scope") {
                item.scope = try json.scope()
            } else if json.reader.isKey("logRecords") {
                try json.array(into: &item.logRecords) { (json) throws(JSONError) in try json.logRecord() }
            } else if json.reader.isKey("schemaUrl") {
                item.schemaURL = try json.text()
            } else {
                return false
            }
            return true
        }
        return item
    }

    private mutating func logRecord() throws(JSONError) -> OTLP.LogRecord {
        var record = OTLP.LogRecord()
        try object { (json) throws(JSONError) in
            if json.reader.isKey("timeUnixNano") {
                record.timeUnixNano = try json.uint64()
            } else if json.reader.isKey("observedTimeUnixNano") {
                record.observedTimeUnixNano = try json.uint64()
            } else if json.reader.isKey("severityNumber") {
                record.severityNumber = try json.enumeration(EnumNames.severity)
            } else if json.reader.isKey("severityText") {
                record.severityText = try json.text()
            } else if json.reader.isKey("body") {
                record.body = try json.anyValue()
            } else if json.reader.isKey("attributes") {
                record.attributes = try json.attributes()
            } else if json.reader.isKey("droppedAttributesCount") {
                record.droppedAttributesCount = try json.uint32()
            } else if json.reader.isKey("flags") {
                record.flags = try json.uint32()
            } else if json.reader.isKey("traceId") {
                record.traceID = try json.traceID()
            } else if json.reader.isKey("spanId") {
                record.spanID = try json.spanID()
            } else if json.reader.isKey("eventName") {
                record.eventName = try json.text()
            } else {
                return false
            }
            return true
        }
        return record
    }
}
