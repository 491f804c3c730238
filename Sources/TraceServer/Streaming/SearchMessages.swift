import MartletCore
import TraceQL
import Wire

/// Search answers as Tempo writes them in protobuf.
enum SearchMessages {
    /// `SearchResponse`.
    static func traces(_ found: [FoundTrace], _ jobs: StreamedProgress.Jobs) -> [[UInt8]] {
        var packer = MessagePacker(jobs) { jobs, writer in metrics(2, jobs, to: &writer) }
        for trace in found { packer.add { $0.message(1) { append(trace, to: &$0) } } }
        return packer.finished()
    }

    /// `SearchMetrics`.
    static func metrics(_ field: UInt32, _ jobs: StreamedProgress.Jobs, to writer: inout ProtoWriter) {
        writer.message(field) {
            if jobs.done > 0 { $0.uint64(4, UInt64(jobs.done)) }
            $0.uint64(5, UInt64(jobs.total))
        }
    }

    private static func append(_ trace: FoundTrace, to writer: inout ProtoWriter) {
        writer.string(1, SearchJSON.traceID(trace.id))
        writer.bytes(2, SearchJSON.rootServiceName(trace))
        if let name = trace.rootName { writer.bytes(3, name) }
        writer.uint64(4, trace.start)
        let milliseconds = UInt64(UInt32(clamping: trace.duration / 1_000_000))
        if milliseconds > 0 { writer.uint64(5, milliseconds) }
        if let first = trace.spanSets.first { writer.message(6) { append(first, to: &$0) } }
        for set in trace.spanSets { writer.message(7) { append(set, to: &$0) } }
        for service in trace.services {
            writer.message(8) {
                $0.bytes(1, service.name)
                $0.message(2) {
                    $0.uint64(1, UInt64(UInt32(clamping: service.spans)))
                    if service.errors > 0 { $0.uint64(2, UInt64(UInt32(clamping: service.errors))) }
                }
            }
        }
    }

    private static func append(_ set: FoundSpanSet, to writer: inout ProtoWriter) {
        for span in set.spans {
            writer.message(1) {
                $0.string(1, Hex.text(span.id))
                $0.bytes(2, span.name)
                $0.uint64(3, span.start)
                if span.duration > 0 { $0.uint64(4, UInt64(bitPattern: span.duration)) }
                pairs(5, span.attributes, to: &$0)
            }
        }
        writer.uint64(2, UInt64(UInt32(clamping: set.matched)))
        pairs(3, set.attributes, to: &writer)
    }

    /// A repeated `KeyValue`.
    static func pairs(_ field: UInt32, _ list: [(key: String, value: Value)], to writer: inout ProtoWriter) {
        for (key, value) in list {
            writer.message(field) {
                $0.string(1, key)
                $0.message(2) { append(value, to: &$0) }
            }
        }
    }

    /// The one member of an `AnyValue`.
    private static func append(_ value: Value, to writer: inout ProtoWriter) {
        switch value {
        case .string(let text): writer.bytes(1, text)
        case .bool(let truth): writer.bool(2, truth)
        case .int(let number): writer.int64(3, number)
        case .double(let number): writer.double(4, number)
        case .array(let elements):
            writer.message(5) {
                for element in elements { $0.message(1) { append(element, to: &$0) } }
            }
        case .missing, .opaque: break
        }
    }
}
