import MartletCore

extension OTLPJSONDecoder {
    mutating func logs() throws(JSONError) -> OTLP.Logs {
        OTLP.Logs(
            resourceLogs: try list("resourceLogs") { (json) throws(JSONError) in
                let group = try json.resourceGroup("scopeLogs") { (json) throws(JSONError) in try json.scopeLogs() }
                return OTLP.ResourceLogs(
                    resource: group.resource, scopeLogs: group.scopes, schemaURL: group.schemaURL)
            })
    }

    private mutating func scopeLogs() throws(JSONError) -> OTLP.ScopeLogs {
        let group = try scopeGroup("logRecords") { (json) throws(JSONError) in try json.logRecord() }
        return OTLP.ScopeLogs(scope: group.scope, logRecords: group.items, schemaURL: group.schemaURL)
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
