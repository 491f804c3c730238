package import Wire

/// Where received telemetry goes. A call returns when the data is as safe as the receiver promises (written to a log or a
/// disk queue) and says what part was refused; the sender gets its acknowledgement then.
///
/// Refuse a whole request by throwing `OTLPRefusal`; a `WireError` becomes "invalid argument" (400); any other error becomes
/// "internal" (500), which senders do not retry. A signal that is not implemented is refused as such.
package protocol OTLPSink: Sendable {
    /// Takes spans.
    func receive(traces request: OTLPRequest<OTLP.Traces>) async throws -> OTLP.PartialSuccess
    /// Takes log records.
    func receive(logs request: OTLPRequest<OTLP.Logs>) async throws -> OTLP.PartialSuccess
    /// Takes metrics.
    func receive(metrics request: OTLPRequest<OTLP.Metrics>) async throws -> OTLP.PartialSuccess
}

extension OTLPSink {
    package func receive(traces request: OTLPRequest<OTLP.Traces>) async throws -> OTLP.PartialSuccess {
        throw OTLPRefusal.unimplemented("this server takes no traces")
    }

    package func receive(logs request: OTLPRequest<OTLP.Logs>) async throws -> OTLP.PartialSuccess {
        throw OTLPRefusal.unimplemented("this server takes no logs")
    }

    package func receive(metrics request: OTLPRequest<OTLP.Metrics>) async throws -> OTLP.PartialSuccess {
        throw OTLPRefusal.unimplemented("this server takes no metrics")
    }
}
