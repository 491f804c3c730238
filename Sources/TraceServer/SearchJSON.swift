import MartletCore
import TraceQL

/// Search answers as Tempo writes them.
enum SearchJSON {
    /// In the place of the root's service, when there is no root.
    static let missingRoot = "<root span not yet received>"

    static func traces(_ found: [FoundTrace]) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("traces")
        json.beginArray()
        for trace in found { append(trace, to: &json) }
        json.endArray()
        json.key("metrics")
        json.raw(#"{"completedJobs":1,"totalJobs":1}"#)
        json.endObject()
        return json.bytes
    }

    private static func append(_ trace: FoundTrace, to json: inout JSONWriter) {
        json.beginObject()
        json.key("traceID")
        json.string(traceID(trace.id))
        json.key("rootServiceName")
        json.string(rootServiceName(trace))
        if let name = trace.rootName {
            json.key("rootTraceName")
            json.string(name)
        }
        json.key("startTimeUnixNano")
        json.string(String(trace.start))
        json.key("durationMs")
        json.uint(trace.duration / 1_000_000)
        if let first = trace.spanSets.first {
            json.key("spanSet")
            append(first, to: &json)
        }
        json.key("spanSets")
        json.beginArray()
        for set in trace.spanSets { append(set, to: &json) }
        json.endArray()
        json.key("serviceStats")
        json.beginObject()
        for service in trace.services {
            service.name.withUnsafeBytes { json.key($0) }
            json.beginObject()
            json.key("spanCount")
            json.int(service.spans)
            if service.errors > 0 {
                json.key("errorCount")
                json.int(service.errors)
            }
            json.endObject()
        }
        json.endObject()
        json.endObject()
    }

    private static func append(_ set: FoundSpanSet, to json: inout JSONWriter) {
        json.beginObject()
        json.key("spans")
        json.beginArray()
        for span in set.spans {
            json.beginObject()
            json.key("spanID")
            json.string(Hex.text(span.id))
            json.key("name")
            json.string(span.name)
            json.key("startTimeUnixNano")
            json.string(String(span.start))
            json.key("durationNanos")
            json.string(String(span.duration))
            if !span.attributes.isEmpty { attributes(span.attributes, to: &json) }
            json.endObject()
        }
        json.endArray()
        json.key("matched")
        json.int(set.matched)
        if !set.attributes.isEmpty { attributes(set.attributes, to: &json) }
        json.endObject()
    }

    private static func attributes(_ list: [(key: String, value: Value)], to json: inout JSONWriter) {
        json.key("attributes")
        pairs(list, to: &json)
    }

    /// `[{"key":…,"value":{…}}]`.
    static func pairs(_ list: [(key: String, value: Value)], to json: inout JSONWriter) {
        json.beginArray()
        for (key, value) in list {
            json.beginObject()
            json.key("key")
            json.string(key)
            json.key("value")
            append(value, to: &json)
            json.endObject()
        }
        json.endArray()
    }

    private static func append(_ value: Value, to json: inout JSONWriter) {
        json.beginObject()
        switch value {
        case .string(let text):
            json.key("stringValue")
            json.string(text)
        case .int(let number):
            json.key("intValue")
            json.string(String(number))
        case .double(let number):
            json.key("doubleValue")
            if number.isFinite {
                json.double(number)
            } else {
                json.string(number.isNaN ? "NaN" : number > 0 ? "Infinity" : "-Infinity")
            }
        case .bool(let truth):
            json.key("boolValue")
            json.bool(truth)
        case .array(let elements):
            json.key("arrayValue")
            json.beginObject()
            json.key("values")
            json.beginArray()
            for element in elements { append(element, to: &json) }
            json.endArray()
            json.endObject()
        case .missing, .opaque: break
        }
        json.endObject()
    }

    /// What an exemplar says of its span.
    static func labels(_ exemplar: MetricExemplar) -> [(key: String, value: Value)] {
        [(key: "trace:id", value: Value(traceID(exemplar.traceID)))]
    }

    /// What stands for the root's service, also when there is no root yet.
    static func rootServiceName(_ trace: FoundTrace) -> [UInt8] {
        trace.rootName == nil ? Array(missingRoot.utf8) : trace.rootServiceName ?? []
    }

    /// A trace id without leading zeros.
    static func traceID(_ id: (high: UInt64, low: UInt64)) -> String {
        id.high == 0 ? String(id.low, radix: 16) : String(id.high, radix: 16) + Hex.text(id.low)
    }
}
