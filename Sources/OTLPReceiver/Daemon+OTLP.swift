import Logging
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
            for signal in OTLP.Signal.allCases {
                route(signal.path, needs: .write, traced: false, isIngest: true)
            }
            bound.http = try await addListener(http, flag: "--otlp.http-listen-address", router: router)
        }
        if let grpc {
            bound.grpc = try serve(
                GRPCExport.otlp, transport: "grpc", at: grpc, flag: "--otlp.grpc-listen-address", sink, limits)
        }
        return bound
    }

    /// Receives spans of other tracing systems on addresses of their own, as OTLP is received, and says so in the log.
    package mutating func receive(
        _ spans: SpanReceivers, sink: any OTLPSink, limits: OTLPReceiverLimits = OTLPReceiverLimits()
    ) async throws {
        if let zipkin = spans.zipkin {
            let bound = try await serve(
                .zipkin(parsesTags: spans.parsesZipkinTags), at: zipkin, flag: "--zipkin.listen-address", sink, limits)
            announceReceiver("Zipkin", grpc: nil, http: bound)
        }
        var jaeger: (grpc: ListenAddress?, http: ListenAddress?) = (nil, nil)
        if let http = spans.jaegerHTTP {
            jaeger.http = try await serve(.jaeger, at: http, flag: "--jaeger.http-listen-address", sink, limits)
        }
        if let grpc = spans.jaegerGRPC {
            jaeger.grpc = try serve(
                [.jaegerSpans], transport: "jaeger_grpc", at: grpc, flag: "--jaeger.grpc-listen-address", sink, limits)
        }
        if jaeger.grpc != nil || jaeger.http != nil {
            announceReceiver("Jaeger", grpc: jaeger.grpc, http: jaeger.http)
        }
    }

    /// Says in the log where a format of spans is received.
    package func announceReceiver(_ format: String, grpc: ListenAddress?, http: ListenAddress?) {
        logger.info(
            "receiving \(format)",
            metadata: ["grpc": "\(grpc?.description ?? "-")", "http": "\(http?.description ?? "-")"])
    }

    private mutating func serve(
        _ api: SpanHTTPRoutes.API, at address: ListenAddress, flag: String, _ sink: any OTLPSink,
        _ limits: OTLPReceiverLimits
    ) async throws -> ListenAddress {
        let router = Self.makeRouter()
        SpanHTTPRoutes(api, sink: sink, limits: limits, logger: logger).register(on: router)
        // A post needs write access without being told; the path may mean something to readers on another address.
        route(api.path, traced: false, isIngest: true)
        return try await addListener(address, flag: flag, router: router)
    }

    private mutating func serve(
        _ calls: [GRPCExport], transport: String, at address: ListenAddress, flag: String, _ sink: any OTLPSink,
        _ limits: OTLPReceiverLimits
    ) throws -> ListenAddress {
        try checkExposure(address, flag: flag)
        let server = try OTLPGRPCServer(
            binding: address, flag: flag, calls: calls, transport: transport, sink: sink, limits: limits,
            memory: memory, blocking: blocking, authenticator: authenticator, tls: tls,
            maxConnections: maxConnections, clients: clients, drainTime: .seconds(options.shutdownTimeout),
            logger: logger)
        add(server)
        return server.address
    }
}
