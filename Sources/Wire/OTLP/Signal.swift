extension OTLP {
    /// The three signals, named as in the paths of OTLP over HTTP.
    package enum Signal: String, Sendable, CaseIterable {
        case traces, logs, metrics

        /// Path of the export call over HTTP.
        package var path: String { "/v1/\(rawValue)" }

        /// Fully qualified name of the gRPC service.
        package var grpcService: String {
            switch self {
            case .traces: "opentelemetry.proto.collector.trace.v1.TraceService"
            case .logs: "opentelemetry.proto.collector.logs.v1.LogsService"
            case .metrics: "opentelemetry.proto.collector.metrics.v1.MetricsService"
            }
        }

        /// Name of the count of refused items in a JSON response.
        var rejectedKey: String {
            switch self {
            case .traces: "rejectedSpans"
            case .logs: "rejectedLogRecords"
            case .metrics: "rejectedDataPoints"
            }
        }
    }
}
