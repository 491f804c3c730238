import TraceQL
import Wire

/// Answers of searches as Tempo's protobuf messages (`tempopb.SearchResponse` and those of tags). Defaults are left out.
enum SearchProtobuf {
    /// `SearchResponse`.
    static func traces(_ found: [FoundTrace]) -> [UInt8] {
        var writer = ProtoWriter()
        for trace in found { writer.message(1) { append(trace, to: &$0) } }
        writer.message(2) { metrics in
            metrics.uint64(4, 1)
            metrics.uint64(5, 1)
        }
        return writer.bytes
    }

    private static func append(_ trace: FoundTrace, to writer: inout ProtoWriter) {
        writer.string(1, SearchJSON.traceID(trace.id))
        if trace.rootName == nil {
            writer.string(2, SearchJSON.missingRoot)
        } else {
            writer.bytes(2, trace.rootServiceName ?? [])
        }
        if let name = trace.rootName { writer.bytes(3, name) }
        writer.uint64(4, trace.start)
        let milliseconds = UInt64(UInt32(clamping: trace.duration / 1_000_000))
        if milliseconds > 0 { writer.uint64(5, milliseconds) }
        if let first = trace.spanSets.first { writer.message(6) { append(first, to: &$0) } }
        for set in trace.spanSets { writer.message(7) { append(set, to: &$0) } }
        for service in trace.services {
            writer.message(8) { entry in
                entry.bytes(1, service.name)
                entry.message(2) { counts in
                    counts.uint64(1, UInt64(service.spans))
                    if service.errors > 0 { counts.uint64(2, UInt64(service.errors)) }
                }
            }
        }
    }

    private static func append(_ set: FoundSpanSet, to writer: inout ProtoWriter) {
        for span in set.spans {
            writer.message(1) { message in
                message.string(1, SearchJSON.hex(span.id))
                message.bytes(2, span.name)
                message.uint64(3, span.start)
                if span.duration > 0 { message.uint64(4, UInt64(span.duration)) }
                pairs(5, span.attributes, to: &message)
            }
        }
        writer.uint64(2, UInt64(set.matched))
        pairs(3, set.attributes, to: &writer)
    }

    /// `KeyValue` messages.
    private static func pairs(_ field: UInt32, _ list: [(key: String, value: Value)], to writer: inout ProtoWriter) {
        for (key, value) in list {
            writer.message(field) { pair in
                pair.string(1, key)
                pair.message(2) { append(value, to: &$0) }
            }
        }
    }

    /// The fields of an `AnyValue`.
    private static func append(_ value: Value, to writer: inout ProtoWriter) {
        switch value {
        case .string(let text): writer.bytes(1, text)
        case .bool(let truth): writer.bool(2, truth)
        case .int(let number): writer.int64(3, number)
        case .double(let number): writer.double(4, number)
        case .array(let elements):
            writer.message(5) { array in
                for element in elements { array.message(1) { append(element, to: &$0) } }
            }
        case .missing, .opaque: break
        }
    }

    // MARK: Tags

    /// `SearchTagsResponse`, or `SearchTagValuesResponse`.
    static func strings(_ list: [String]) -> [UInt8] {
        var writer = ProtoWriter()
        for text in list { writer.string(1, text) }
        return withMetrics(writer)
    }

    /// `SearchTagsV2Response`.
    static func scopes(_ list: [(name: String, tags: [String])]) -> [UInt8] {
        var writer = ProtoWriter()
        for scope in list {
            writer.message(1) { message in
                message.string(1, scope.name)
                for tag in scope.tags { message.string(2, tag) }
            }
        }
        return withMetrics(writer)
    }

    /// `SearchTagValuesV2Response`.
    static func values(_ list: [(type: String, value: [UInt8])]) -> [UInt8] {
        var writer = ProtoWriter()
        for (type, value) in list {
            writer.message(1) { message in
                message.string(1, type)
                message.bytes(2, value)
            }
        }
        return withMetrics(writer)
    }

    private static func withMetrics(_ writer: ProtoWriter) -> [UInt8] {
        var writer = writer
        writer.message(2) { _ in }
        return writer.bytes
    }
}
