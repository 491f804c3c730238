package import Service

/// What the agent's flags say beyond the common ones. A flag wins over the configuration file.
package struct AgentOptions: Sendable {
    /// The agent's own configuration file.
    package var agentFile: String?
    /// Where the host's pseudo file systems are.
    package var paths = HostPaths()
    /// Base URL of the metrics server.
    package var metricsURL: String?
    /// Base URL of the log server.
    package var logsURL: String?
    /// Base URL of the trace server.
    package var tracesURL: String?
    /// Where OTLP over gRPC is received.
    package var otlpGRPC: ListenAddress?
    /// Where OTLP over HTTP is received.
    package var otlpHTTP: ListenAddress?
    /// Where Zipkin's and Jaeger's spans are received.
    package var receivers: SpanReceiverOptions?
    /// Largest OTLP request, bytes.
    package var otlpRequestBytes = 64 << 20
    /// Where the Prometheus exporter listens.
    package var exporter: ListenAddress?

    /// Nothing said.
    package init() {}
}
