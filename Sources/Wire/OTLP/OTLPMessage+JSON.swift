import MartletCore

extension OTLP.Traces {
    package init(json body: [UInt8], limits: DecodeLimits = .standard) throws(WireError) {
        self = try OTLPJSONDecoder.decode(body, limits) { (decoder) throws(JSONError) in try decoder.traces() }
    }

    package func json() -> [UInt8] { json(style: .otlp) }

    /// Encodes as `{"resourceSpans":[…]}` in the given style.
    package func json(style: OTLP.JSONStyle) -> [UInt8] {
        var encoder = OTLPJSONEncoder(style: style)
        encoder.object { $0.list("resourceSpans", resourceSpans) { $0.resourceSpans($1) } }
        return encoder.json.bytes
    }
}

extension OTLP.Logs {
    package init(json body: [UInt8], limits: DecodeLimits = .standard) throws(WireError) {
        self = try OTLPJSONDecoder.decode(body, limits) { (decoder) throws(JSONError) in try decoder.logs() }
    }

    package func json() -> [UInt8] {
        var encoder = OTLPJSONEncoder()
        encoder.object { $0.list("resourceLogs", resourceLogs) { $0.resourceLogs($1) } }
        return encoder.json.bytes
    }
}

extension OTLP.Metrics {
    package init(json body: [UInt8], limits: DecodeLimits = .standard) throws(WireError) {
        self = try OTLPJSONDecoder.decode(body, limits) { (decoder) throws(JSONError) in try decoder.metrics() }
    }

    package func json() -> [UInt8] {
        var encoder = OTLPJSONEncoder()
        encoder.object { $0.list("resourceMetrics", resourceMetrics) { $0.resourceMetrics($1) } }
        return encoder.json.bytes
    }
}
