import GRPCCore
import GRPCNIOTransportHTTP2
package import Logging
package import MartletCore
import NIOCore
package import Service
import ServiceLifecycle
import Wire

/// Telemetry over gRPC: OTLP's three Export calls unless others are asked for, with the requests' raw bytes handed to the
/// sink. Takes gzip and deflate.
package final class OTLPGRPCServer: ServiceLifecycle.Service, CustomStringConvertible {
    /// Where it listens, with the kernel's port when the flag said 0.
    package let address: ListenAddress
    private let server: GRPCServer<HTTP2ServerTransport.Custom<OTLPGRPCListener>>

    /// Binds at once; calls are answered while `run()` runs.
    /// - Parameters:
    ///   - flag: the flag that changes the address, for errors.
    ///   - calls: what is served.
    ///   - transport: tells the counts of requests apart.
    ///   - memory: bodies count against it from their first byte until their call is answered.
    ///   - blocking: threads that decompress.
    ///   - authenticator: who may call; nil for anybody.
    ///   - tls: certificates and who must show one; nil for plain text.
    ///   - maxConnections: connections served at a time; more wait in the kernel's queue.
    ///   - clients: counts the connections of each client; nil for no limit of their own.
    ///   - drainTime: how long calls in flight may take when the server stops.
    package init(
        binding address: ListenAddress, flag: String, calls: [GRPCExport] = GRPCExport.otlp,
        transport: String = "grpc", sink: any OTLPSink, limits: OTLPReceiverLimits = OTLPReceiverLimits(),
        memory: MemoryBudget, blocking: BlockingPool,
        authenticator: Authenticator? = nil, tls: ConnectionTLS? = nil, maxConnections: Int = 2048,
        clients: ClientConnections? = nil, drainTime: Duration = .seconds(10), logger: Logger
    ) throws(StartupError) {
        let socket = try ListeningSocket(binding: address, flag: flag)
        self.address = ListenAddress(host: address.host, port: socket.port)
        let exchange = OTLPExchange(
            sink, limits: limits, signals: calls.map(\.signal), transport: transport, logger: logger)
        var config = HTTP2ServerTransport.Custom<OTLPGRPCListener>.Config.defaults
        // The gate refuses before this limit can: the transport would answer with CANCELLED, which exporters send again.
        config.rpc.maxRequestPayloadSize = max(16 << 20, limits.requestBytes)
        config.http2.maxConcurrentStreams = 32
        config.http2.targetWindowSize = 1 << 20
        config.connection.maxGraceTime = drainTime
        config.connection.maxIdleTime = .seconds(15 * 60)
        // Exporters keep their connection alive more often than gRPC's default of five minutes allows.
        config.connection.keepalive.clientBehavior = .init(
            minPingIntervalWithoutCalls: .seconds(10), allowWithoutCalls: true)
        config.channelDebuggingCallbacks.onAcceptHTTP2Stream = { channel in
            channel.eventLoop.makeCompletedFuture {
                let gate = OTLPGRPCGate(
                    calls: calls, exchange: exchange, memory: memory, blocking: blocking, authenticator: authenticator)
                try channel.pipeline.syncOperations.addHandler(gate, position: .first)
            }
        }
        server = GRPCServer(
            transport: HTTP2ServerTransport.Custom(
                listenerFactory: OTLPGRPCListener(
                    socket: socket, tls: tls, maxConnections: maxConnections, clients: clients),
                config: config),
            services: [
                OTLPGRPCCalls(
                    calls: calls, exchange: exchange, memory: memory, blocking: blocking, authenticator: authenticator)
            ])
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

    package var description: String { "grpc server on \(address)" }
}
