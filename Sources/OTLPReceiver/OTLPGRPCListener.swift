import GRPCNIOTransportHTTP2
import NIOCore
import NIOPosix
import Service

/// The socket of the gRPC server: how many connections it takes, and TLS as the web configuration in force has it.
struct OTLPGRPCListener: HTTP2ServerTransport.ListenerFactory {
    let socket: ListeningSocket
    let tls: ConnectionTLS?
    let maxConnections: Int
    let clients: ClientConnections?

    var eventLoopGroup: any EventLoopGroup { MultiThreadedEventLoopGroup.singleton }

    func makeListeningChannel(
        listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator,
        connectionConfigurator: HTTP2ServerTransport.ConnectionConfigurator
    ) async throws -> NIOAsyncChannel<HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel, Never> {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelInitializer { [maxConnections, clients] channel in
                listenerConfigurator.configure(channel: channel).flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(
                        ConnectionLimiter(limit: maxConnections, clients: clients))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(socket.descriptor, serverBackPressureStrategy: nil) { [tls] channel in
                channel.eventLoop.makeCompletedFuture {
                    try tls?.configure(channel) ?? false
                }.flatMap { isSecure in
                    connectionConfigurator.configure(
                        channel: channel, tls: isSecure ? .configured(requireALPN: false) : .none)
                }
            }
    }
}
