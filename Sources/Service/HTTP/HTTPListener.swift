import HummingbirdCore
import Logging
import MartletCore
import NIOCore
import NIOPosix
import ServiceLifecycle

#if canImport(Glibc)
import Glibc
#endif

/// A bound address that serves HTTP: accepts at most so many connections at a time, in all and from one client, and drains
/// them when it stops.
final class HTTPListener: ServiceLifecycle.Service, CustomStringConvertible {
    /// Where it is bound, with the kernel's port when the flag said 0.
    let address: ListenAddress
    private let server: NIOAsyncChannel<HTTPConnection.Value, Never>
    private let connection: HTTPConnection
    private let maxConnections: Int
    private let clients: ClientConnections
    private let drainTime: Duration
    private let logger: Logger
    private let open = Lock<[ObjectIdentifier: any Channel]>([:])

    /// Binds. Connections queue up in the kernel until ``run()``.
    /// - Parameters:
    ///   - flag: the flag that changes the address, for the error.
    ///   - speaksHTTP2: whether clients may speak HTTP/2 as well.
    init(
        binding address: ListenAddress, flag: String, pipeline: RequestPipeline, security: WebSecurity?,
        limits: ConnectionLimits = ConnectionLimits(), speaksHTTP2: Bool = false, maxConnections: Int,
        clients: ClientConnections,
        drainTime: Duration, logger: Logger
    ) async throws {
        let connection = HTTPConnection(
            pipeline: pipeline, security: security, limits: limits, speaksHTTP2: speaksHTTP2)
        self.connection = connection
        self.maxConnections = maxConnections
        self.clients = clients
        self.drainTime = drainTime
        self.logger = logger
        server = try await Self.bind(address, flag: flag) { channel in
            connection.setup(channel: channel, logger: logger)
        }
        self.address = address.bound(to: server.channel.localAddress?.port ?? address.port)
    }

    private static func bind(
        _ address: ListenAddress, flag: String,
        setup: @escaping @Sendable (any Channel) -> EventLoopFuture<HTTPConnection.Value>
    ) async throws -> NIOAsyncChannel<HTTPConnection.Value, Never> {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        // An empty host means every interface: one IPv6 socket serves IPv4 too, unless the host has no IPv6.
        let hosts = address.host.isEmpty ? ["::", "0.0.0.0"] : [address.host]
        var failure: any Error = StartupError("cannot listen on \(address)")
        for host in hosts {
            do {
                return try await bootstrap.bind(
                    host: host, port: address.port, serverBackPressureStrategy: nil, childChannelInitializer: setup)
            } catch {
                failure = error
                if (error as? IOError)?.errnoCode == EADDRINUSE { break }
            }
        }
        switch (failure as? IOError)?.errnoCode {
        case EADDRINUSE:
            throw StartupError(
                "cannot listen on \(address): port \(address.port) is in use by another process; "
                    + "stop it or choose another address with \(flag)")
        case EACCES:
            throw StartupError(
                "cannot listen on \(address): permission denied; ports below 1024 need privileges; "
                    + "choose another address with \(flag)")
        case EADDRNOTAVAIL:
            throw StartupError(
                "cannot listen on \(address): this machine has no such address; choose another with \(flag)")
        default:
            throw StartupError("cannot listen on \(address): \(failure); choose another address with \(flag)")
        }
    }

    /// Serves until the surrounding task is cancelled or asked to stop gracefully; then requests in flight get
    /// the drain time, and what is left is cut.
    func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await serve()
        } onCancelOrGracefulShutdown: {
            self.stopAccepting()
        }
    }

    /// What a task of ``serve()`` has ended with.
    private enum Ending {
        case connection, drainTime
    }

    private func serve() async {
        await withTaskGroup(of: Ending.self) { group in
            var running = 0
            do {
                try await server.executeThenClose { inbound in
                    for try await child in inbound {
                        track(child.channel)
                        if !clients.admit(child.channel) { connection.refuse(child, clients.refusal) }
                        group.addTask { [connection, logger] in
                            await connection.handle(value: child, logger: logger)
                            return .connection
                        }
                        running += 1
                        // At the limit the next connection waits in the kernel's queue until one has ended.
                        while running >= maxConnections {
                            _ = await group.next()
                            running -= 1
                        }
                        // Without this, finished tasks would pile up in the group.
                        while running > open.withLock({ $0.count }) + 64 {
                            _ = await group.next()
                            running -= 1
                        }
                    }
                }
            } catch {
                logger.error("accepting connections failed", metadata: ["error": .string("\(error)")])
            }
            let quiescing = open.withLock { Array($0.values) }
            for channel in quiescing {
                channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
            }
            group.addTask { [drainTime] in
                try? await Task.sleep(for: drainTime)
                return .drainTime
            }
            while running > 0, let ending = await group.next() {
                switch ending {
                case .connection: running -= 1
                case .drainTime:
                    for channel in open.withLock({ Array($0.values) }) { channel.close(promise: nil) }
                    // A handler that does not look at its connection would otherwise go on for as long as it likes.
                    group.cancelAll()
                }
            }
            group.cancelAll()
        }
    }

    func stopAccepting() {
        server.channel.close(promise: nil)
    }

    private func track(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        open.withLock { $0[id] = channel }
        channel.closeFuture.whenComplete { [open] _ in
            open.withLock { $0[id] = nil }
        }
    }

    var description: String { "http listener on \(address)" }
}
