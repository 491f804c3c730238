import MartletCore

/// How spans arrive that are not OTLP. They become OTLP as the OpenTelemetry Collector's translators make it, so that there
/// is one way on from there.
package enum SpanFormat: Sendable, Hashable {
    /// Zipkin's list of spans, version 2, as JSON (openzipkin/zipkin-api, zipkin2-api.yaml). With `parsesTags`, tags that
    /// look like numbers and truth values become such; otherwise they stay text.
    case zipkinJSON(parsesTags: Bool)
    /// Zipkin's ListOfSpans (openzipkin/zipkin-api, zipkin.proto).
    case zipkinProtobuf(parsesTags: Bool)
    /// Jaeger's Batch in Thrift's binary protocol (jaegertracing/jaeger-idl, jaeger.thrift).
    case jaegerThrift
    /// Jaeger's PostSpansRequest (jaegertracing/jaeger-idl, collector.proto and model.proto).
    case jaegerProtobuf

    /// Decodes and translates a body. Text stays a slice of `body`. Decoded structures take `limits.memory` at most, the
    /// translation as much again.
    package func traces(_ body: [UInt8], limits: DecodeLimits = .standard) throws(WireError) -> OTLP.Traces {
        switch self {
        case .zipkinJSON(let parsesTags):
            let spans = try OTLPJSONDecoder.decode(body, limits) { (json) throws(JSONError) in try json.zipkinSpans() }
            return ZipkinTranslation.traces(spans, parsesTags: parsesTags)
        case .zipkinProtobuf(let parsesTags):
            var decoder = try OTLPProtobufDecoder(body, limits)
            return ZipkinTranslation.traces(try decoder.zipkinSpans(), parsesTags: parsesTags)
        case .jaegerThrift:
            return JaegerTranslation.traces([try JaegerThriftDecoder.batch(body, limits)])
        case .jaegerProtobuf:
            var decoder = try OTLPProtobufDecoder(body, limits)
            return JaegerTranslation.traces(try decoder.jaegerBatches())
        }
    }
}
