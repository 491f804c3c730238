/// Jaeger's data model, the same for Thrift and protobuf, as far as it is translated.
enum Jaeger {
    struct Batch {
        /// Of the spans that have none of their own.
        var process: Process?
        var spans: [Span] = []
    }

    /// Who made the spans.
    struct Process: Hashable {
        var serviceName = ByteString()
        var tags: [OTLP.KeyValue] = []
    }

    struct Span {
        var traceID = OTLP.TraceID()
        var id = OTLP.SpanID()
        /// As Thrift has it; zero when only the references tell.
        var parentID = OTLP.SpanID()
        var operationName = ByteString()
        var references: [Reference] = []
        /// 1 sampled, 2 debug.
        var flags: UInt32 = 0
        /// Unix nanoseconds.
        var start: UInt64 = 0
        /// Unix nanoseconds.
        var end: UInt64 = 0
        var tags: [OTLP.KeyValue] = []
        var logs: [Log] = []
        var process: Process?
    }

    struct Reference {
        var traceID = OTLP.TraceID()
        var spanID = OTLP.SpanID()
        /// 0 child of, 1 follows from.
        var type: Int32 = 0
    }

    struct Log {
        /// Unix nanoseconds.
        var time: UInt64 = 0
        var fields: [OTLP.KeyValue] = []
    }

    /// A tag on its way into an attribute: which of its values counts is known when all of it was read.
    struct Tag {
        /// The types of both encodings, which number them differently.
        enum Kind {
            case string, bool, int, double, binary
        }

        var key = ByteString()
        var text = ByteString()
        var flag = false
        var integer: Int64 = 0
        var double = 0.0
        var binary = ByteString()

        /// The attribute; a type that is not known says so in its value.
        func attribute(_ kind: Kind?, number: Int32) -> OTLP.KeyValue {
            let value: OTLP.AnyValue =
                switch kind {
                case .string: .string(text)
                case .bool: .bool(flag)
                case .int: .int(integer)
                case .double: .double(double)
                case .binary: .bytes(binary)
                case nil: .string(ByteString("<unknown Jaeger tag type \(number)>"))
                }
            return OTLP.KeyValue(key: key, value: value)
        }
    }
}
