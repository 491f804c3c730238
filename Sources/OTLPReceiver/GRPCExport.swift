package import Wire

/// A unary gRPC call that takes telemetry.
package enum GRPCExport: Sendable, Hashable {
    /// OTLP's Export of a signal.
    case otlp(OTLP.Signal)
    /// Jaeger's PostSpans (jaegertracing/jaeger-idl, collector.proto).
    case jaegerSpans

    /// OTLP's three calls.
    package static let otlp = OTLP.Signal.allCases.map { GRPCExport.otlp($0) }

    /// Fully qualified name of the service.
    package var service: String {
        switch self {
        case .otlp(let signal): signal.grpcService
        case .jaegerSpans: "jaeger.api_v2.CollectorService"
        }
    }

    /// Name of the method.
    package var method: String {
        switch self {
        case .otlp: "Export"
        case .jaegerSpans: "PostSpans"
        }
    }

    /// The call's path over HTTP/2.
    var path: String { "/\(service)/\(method)" }

    /// What it takes.
    var signal: OTLP.Signal {
        switch self {
        case .otlp(let signal): signal
        case .jaegerSpans: .traces
        }
    }

    /// The message that answers it. Jaeger's PostSpansResponse has no fields.
    func answer(_ response: OTLP.ExportResponse) -> [UInt8] {
        switch self {
        case .otlp: response.protobuf()
        case .jaegerSpans: []
        }
    }
}
