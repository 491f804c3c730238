/// Zipkin's data model, version 2, as far as it is translated. Whether a span is `shared` is not kept: the client's and the
/// server's half of an exchange are two spans of one id, told apart by their kind.
enum Zipkin {
    struct Span {
        var traceID = OTLP.TraceID()
        var id = OTLP.SpanID()
        /// Zero for a root.
        var parentID = OTLP.SpanID()
        /// OTLP's number: 0 unspecified, 2 server, 3 client, 4 producer, 5 consumer.
        var kind: Int32 = 0
        var name = ByteString()
        /// Unix microseconds; 0 when the start is not known.
        var timestamp: Int64 = 0
        /// Microseconds.
        var duration: Int64 = 0
        var local = Endpoint()
        var remote = Endpoint()
        var annotations: [Annotation] = []
        var tags: [OTLP.KeyValue] = []
        /// Whether the span is to be kept whatever the sampling.
        var isDebug = false
    }

    struct Endpoint {
        var serviceName = ByteString()
        /// As text.
        var ipv4 = ByteString()
        /// As text.
        var ipv6 = ByteString()
        var port: Int32 = 0
    }

    struct Annotation {
        /// Unix microseconds.
        var timestamp: Int64 = 0
        var value = ByteString()
    }
}
