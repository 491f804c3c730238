import Wire

/// A trace in the JSON that Tempo answers: ids in base64, enums by name.
enum TraceJSON {
    /// `{"batches":[…]}`.
    static func v1(_ protobuf: [UInt8]) throws(WireError) -> [UInt8] {
        let body = try OTLP.Traces(protobuf: protobuf, limits: .standard).json(style: .tempo)
        let key = Array(#"{"resourceSpans":"#.utf8)
        guard body.starts(with: key) else { return Array(#"{"batches":[]}"#.utf8) }
        return Array(#"{"batches":"#.utf8) + body[key.count...]
    }

    /// `{"trace":{"resourceSpans":[…]},"metrics":{}}`.
    static func v2(_ protobuf: [UInt8]) throws(WireError) -> [UInt8] {
        let body = try OTLP.Traces(protobuf: protobuf, limits: .standard).json(style: .tempo)
        return Array(#"{"trace":"#.utf8) + body + Array(#","metrics":{}}"#.utf8)
    }
}
