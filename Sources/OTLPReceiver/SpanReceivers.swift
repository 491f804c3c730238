package import Service

/// Where spans of other tracing systems are received, beside OTLP: nowhere unless told, in the words of the OpenTelemetry
/// Collector's receivers, which Tempo has too.
package struct SpanReceivers: Sendable {
    /// Zipkin's, over HTTP.
    package private(set) var zipkin: ListenAddress?
    /// Whether Zipkin's tags that look like numbers and truth values become such.
    package private(set) var parsesZipkinTags = false
    /// Jaeger's, over gRPC.
    package private(set) var jaegerGRPC: ListenAddress?
    /// Jaeger's, as Thrift over HTTP.
    package private(set) var jaegerHTTP: ListenAddress?

    /// Nowhere.
    package init() {}

    /// Whether there are any.
    package var isEmpty: Bool { zipkin == nil && jaegerGRPC == nil && jaegerHTTP == nil }

    /// Takes the keys `zipkin` and `jaeger` from a mapping.
    package mutating func decode(_ receivers: inout ConfigMapping) throws {
        try receivers.mapping("jaeger") { jaeger in
            try jaeger.mapping("protocols") { protocols in
                jaegerGRPC = try Self.endpoint("grpc", port: 14250, &protocols)
                jaegerHTTP = try Self.endpoint("thrift_http", port: 14268, &protocols)
                for key in ["thrift_compact", "thrift_binary"] {
                    protocols.ignore(key, because: "Thrift over UDP is not supported; send to thrift_http or grpc")
                }
            }
            jaeger.ignore("remote_sampling", because: "sampling is the clients' own here")
        }
        zipkin = try Self.endpoint("zipkin", port: 9411, &receivers) { zipkin in
            parsesZipkinTags = try zipkin.bool("parse_string_tags") ?? false
        }
    }

    /// These, but where flags say another address.
    package func overridden(by flags: SpanReceiverOptions?) -> SpanReceivers {
        var receivers = self
        receivers.zipkin = flags?.zipkin ?? zipkin
        receivers.jaegerGRPC = flags?.jaegerGRPC ?? jaegerGRPC
        receivers.jaegerHTTP = flags?.jaegerHTTP ?? jaegerHTTP
        return receivers
    }

    /// The address of a receiver: nil when its key is not there, on loopback when that is all that is written.
    ///
    /// - Parameter body: reads keys that only this receiver has.
    package static func endpoint(
        _ key: String, port: Int, _ receivers: inout ConfigMapping,
        _ body: (inout ConfigMapping) throws -> Void = { _ in }
    ) throws -> ListenAddress? {
        guard receivers.has(key) else { return nil }
        let fallback = ListenAddress(host: "127.0.0.1", port: port)
        return try receivers.mapping(key) { section in
            try body(&section)
            for tls in ["tls", "auth"] {
                try section.unsupported(tls, because: "it is configured with --web.config.file")
            }
            for other in [
                "max_recv_msg_size_mib", "max_concurrent_streams", "keepalive", "include_metadata", "transport", "cors",
                "read_buffer_size", "write_buffer_size", "max_request_body_size", "traces_url_path",
                "compression_algorithms",
                "dialer", "response_headers", "idle_timeout", "read_header_timeout", "write_timeout",
            ] { section.ignore(other, because: "there is nothing to choose here") }
            guard let value = section.value("endpoint") else { return fallback }
            guard let address = ListenAddress(try value.string()) else {
                throw value.error("endpoint must be HOST:PORT")
            }
            return address
        } ?? fallback
    }
}
