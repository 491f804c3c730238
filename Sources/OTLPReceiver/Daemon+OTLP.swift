package import Service
import Wire

extension Daemon {
    /// Receives OTLP on addresses of its own, over gRPC and over HTTP, under the daemon's TLS, authentication and memory limit.
    ///
    /// - Parameters:
    ///   - grpc: address of the gRPC server, or nil for none; flag `--otlp.grpc-listen-address`.
    ///   - http: address of the HTTP server, or nil for none; flag `--otlp.http-listen-address`.
    ///   - sink: where the telemetry goes.
    /// - Returns: the addresses with the kernel's ports where they said 0.
    @discardableResult
    package mutating func receiveOTLP(
        grpc: ListenAddress?, http: ListenAddress?, sink: any OTLPSink,
        limits: OTLPReceiverLimits = OTLPReceiverLimits()
    ) async throws -> (grpc: ListenAddress?, http: ListenAddress?) {
        var bound: (grpc: ListenAddress?, http: ListenAddress?) = (nil, nil)
        if let http {
            let router = Self.makeRouter()
            OTLPHTTPRoutes(sink: sink, limits: limits, logger: logger).register(on: router)
            for signal in OTLP.Signal.allCases { route(signal.path, needs: .write, traced: false) }
            bound.http = try await addListener(http, flag: "--otlp.http-listen-address", router: router)
        }
        if let grpc {
            try checkExposure(grpc, flag: "--otlp.grpc-listen-address")
            let server = try OTLPGRPCServer(
                binding: grpc, flag: "--otlp.grpc-listen-address", sink: sink, limits: limits, memory: memory,
                blocking: blocking, authenticator: authenticator, tls: tls, maxConnections: maxConnections,
                clients: clients, drainTime: .seconds(options.shutdownTimeout), logger: logger)
            add(server)
            bound.grpc = server.address
        }
        return bound
    }
}
