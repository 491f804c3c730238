extension OTLP.Traces: OTLPMessage {
    package static var signal: OTLP.Signal { .traces }

    package init(protobuf body: [UInt8], limits: DecodeLimits = .standard) throws(WireError) {
        var decoder = try OTLPProtobufDecoder(body, limits)
        self = try decoder.traces()
    }

    package func protobuf() -> [UInt8] {
        var writer = ProtoWriter()
        for item in resourceSpans { writer.resourceSpans(1, item) }
        return writer.bytes
    }
}

extension OTLP.Logs: OTLPMessage {
    package static var signal: OTLP.Signal { .logs }

    package init(protobuf body: [UInt8], limits: DecodeLimits = .standard) throws(WireError) {
        var decoder = try OTLPProtobufDecoder(body, limits)
        self = try decoder.logs()
    }

    package func protobuf() -> [UInt8] {
        var writer = ProtoWriter()
        for item in resourceLogs { writer.resourceLogs(1, item) }
        return writer.bytes
    }
}

extension OTLP.Metrics: OTLPMessage {
    package static var signal: OTLP.Signal { .metrics }

    package init(protobuf body: [UInt8], limits: DecodeLimits = .standard) throws(WireError) {
        var decoder = try OTLPProtobufDecoder(body, limits)
        self = try decoder.metrics()
    }

    package func protobuf() -> [UInt8] {
        var writer = ProtoWriter()
        for item in resourceMetrics { writer.resourceMetrics(1, item) }
        return writer.bytes
    }
}
