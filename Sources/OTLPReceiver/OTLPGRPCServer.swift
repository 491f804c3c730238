import GRPCCore
import GRPCNIOTransportHTTP2
package import Logging
package import MartletCore
package import Service
import ServiceLifecycle
import Wire

/// OTLP over gRPC: the three Export calls, with the requests' raw bytes handed to the sink. Takes gzip and deflate.
package final class OTLPGRPCServer: ServiceLifecycle.Service, CustomStringConvertible {
    /// Where it listens, with the kernel's port when the flag said 0.
    package let address: ListenAddress
    private let server: GRPCServer<HTTP2ServerTransport.Posix>

    /// Binds at once; calls are answered while `run()` runs.
    /// - Parameters:
    ///   - flag: the flag that changes the address, for errors.
    ///   - memory: bodies count against it while they are handled.
    ///   - authenticator: who may call; nil for anybody.
    ///   - tlsFiles: certificate and key in PEM; nil for plain text.
    ///   - drainTime: how long calls in flight may take when the server stops.
    package init(
        binding address: ListenAddress, flag: String, sink: any OTLPSink,
        limits: OTLPReceiverLimits = OTLPReceiverLimits(), memory: MemoryBudget, authenticator: Authenticator? = nil,
        tlsFiles: (certificate: String, key: String)? = nil, drainTime: Duration = .seconds(10), logger: Logger
    ) throws(StartupError) {
        let socket = try ListeningSocket(binding: address, flag: flag)
        self.address = ListenAddress(host: address.host, port: socket.port)
        let security: HTTP2ServerTransport.Posix.TransportSecurity =
            if let tlsFiles {
                .tls(
                    certificateChain: [.file(path: tlsFiles.certificate, format: .pem)],
                    privateKey: .file(path: tlsFiles.key, format: .pem))
            } else {
                .plaintext
            }
        let transport = HTTP2ServerTransport.Posix(
            listeningSocketDescriptor: Int(socket.descriptor), transportSecurity: security,
            config: .defaults { config in
                config.compression = .init(enabledAlgorithms: [.gzip, .deflate])
                // The transport answers what is over its limit with CANCELLED, which exporters send again. So its limit is
                // wider than ours, and we refuse in words that they understand.
                config.rpc.maxRequestPayloadSize = max(16 << 20, limits.requestBytes * 2)
                // The transport buffers a body before the memory limit sees it: streams bound what a connection can hold.
                config.http2.maxConcurrentStreams = 32
                config.http2.targetWindowSize = 1 << 20
                config.connection.maxGraceTime = drainTime
                // Exporters keep their connection alive more often than gRPC's default of five minutes allows.
                config.connection.keepalive.clientBehavior = .init(
                    minPingIntervalWithoutCalls: .seconds(10), allowWithoutCalls: true)
            })
        let exchange = OTLPExchange(sink, limits: limits, transport: "grpc", logger: logger)
        server = GRPCServer(
            transport: transport,
            services: [OTLPGRPCCalls(exchange: exchange, memory: memory, authenticator: authenticator)])
    }

    package func run() async throws {
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await server.serve()
        } onCancelOrGracefulShutdown: {
            self.server.beginGracefulShutdown()
        }
    }

    /// Stops taking calls; `run()` returns when those in flight have ended.
    package func stop() {
        server.beginGracefulShutdown()
    }

    package var description: String { "otlp grpc server on \(address)" }
}
