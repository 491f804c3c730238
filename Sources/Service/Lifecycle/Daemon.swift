package import AsyncHTTPClient
package import Hummingbird
package import Logging
package import MartletCore
package import ServiceLifecycle

/// What an executable gets to build its server from, and where it registers what must run.
///
/// ``run(_:options:_:)`` binds the address first, then calls the executable's closure; while that runs
/// (opening stores, replaying logs) the built-in endpoints already answer and everything else gets 503. Then it starts
/// the services, opens the routes and tells systemd once every readiness gate is open.
package struct Daemon {
    /// What the server is.
    package let server: ServerIdentity
    /// The executable's name, `martlet-metrics`.
    package var name: String { server.name }
    /// The parsed common flags.
    package let options: CommonOptions
    /// The process' root logger.
    package let logger: Logger
    /// The process' memory account, shared by ingest, queries and caches.
    package let memory: MemoryBudget
    /// Routes of the main address.
    package let router: Router<ServiceContext>
    /// One client for everything that this process sends.
    package let httpClient: HTTPClient
    /// Threads for blocking and CPU-heavy work.
    package let blocking: BlockingPool
    /// Where the main address is bound, with the kernel's port when the flag said 0.
    package let address: ListenAddress
    /// Gates that keep `/-/ready` at 503 until they open.
    package let readiness: Readiness

    /// Who a request comes from, for servers that are not HTTP (OTLP over gRPC).
    package var authenticator: Authenticator { state.security.authenticator }

    /// TLS of the web configuration, for servers that are not HTTP/1 (OTLP over gRPC).
    package var tls: ConnectionTLS { ConnectionTLS(state.security) }

    /// Files that this process may have open; raised to the hard limit.
    package var openFiles: OpenFileLimit { state.openFiles }

    /// Connections that an address serves at a time, for servers that are not HTTP/1 (OTLP over gRPC).
    package var maxConnections: Int { state.maxConnections }

    /// Counts the connections of each client, for servers that are not HTTP/1 (OTLP over gRPC).
    package var clients: ClientConnections { state.clients }

    let state: DaemonState
    var services: [any ServiceLifecycle.Service] = []
    var cleanups: [@Sendable () async -> Void] = []
    var routePolicy = RoutePolicy()
    var listeners: [ExtraListener] = []

    /// A further address with routes of its own.
    struct ExtraListener {
        let listener: HTTPListener
        let pipeline: RequestPipeline
        let router: Router<ServiceContext>
    }

    /// The directory that holds everything this server keeps: `--storage.path`, else the configuration's, else the usual one.
    package func storagePath(configured path: String? = nil) -> String {
        options.storagePath ?? path ?? server.storagePath
    }

    /// Adds something that runs as long as the server does. Services start in the order of adding and stop in reverse,
    /// after the listeners have drained.
    package mutating func add(_ service: any ServiceLifecycle.Service) {
        services.append(service)
    }

    /// Adds what `POST /-/reload` and SIGHUP do. What it throws is logged and answered; the old configuration stays.
    package mutating func onReload(_ body: @escaping @Sendable () async throws -> Void) {
        state.reloads.withLock { $0.append(body) }
    }

    /// Has `POST /-/snapshots` take a snapshot of what lies in `directory`: `body` puts the files into the directory that it
    /// gets, as a crash at that moment would leave them, and blocks on the disk.
    package func onSnapshot(of directory: String, _ body: @escaping @Sendable (_ target: String) throws -> Void) {
        state.snapshots.withLock { $0 = SnapshotActions(directory, server: name, blocking: blocking, body) }
    }

    /// Adds a table to the page at `/`.
    package func showAtIndex(_ table: @escaping @Sendable () -> IndexTable) { state.indexTables.add(table) }

    /// Adds what happens after all services have stopped, in reverse order of adding: flush, close, unlock.
    package mutating func onShutdown(_ body: @escaping @Sendable () async -> Void) {
        cleanups.append(body)
    }

    /// Keeps `/-/ready` at 503 until the returned gate is opened.
    /// - Parameter reason: what is waited for, shown to whoever asks.
    package func readinessGate(_ reason: String) -> Readiness.Gate {
        readiness.gate(reason)
    }

    /// Declares what a path and everything below it needs.
    ///
    /// Without it GET, HEAD and OPTIONS need read access and all else write access, and every request is traced.
    /// - Parameters:
    ///   - prefix: a path such as `/api/v1/query`.
    ///   - access: what a user or token bound to read or write must have; nil keeps the default by method.
    ///   - traced: false for ingest and queries, so that the stack's own traces do not feed themselves.
    ///   - isIngest: true where the handler does no more than collect a body and hand it to the blocking pool. It runs on
    ///     the connection's event loop, which spares the change to another thread and back: it must neither block nor
    ///     compute.
    package mutating func route(
        _ prefix: String, needs access: Identity.Access? = nil, traced: Bool = true, isIngest: Bool = false
    ) {
        routePolicy.declare(prefix, .init(access: access, traced: traced, isIngest: isIngest))
    }

    /// Lets pages of other sites read the paths that `crossOrigin` covers.
    package mutating func allow(_ crossOrigin: CrossOrigin) { routePolicy.crossOrigin = crossOrigin }

    /// Moves all of the main address below a path, such as `/prometheus`; `/` then leads there.
    package func serve(below prefix: String) { state.mainPipeline.withLock { $0 }?.move(below: RoutePrefix(prefix)) }

    /// Sets the title of the page at `/`.
    package func setTitle(_ title: String) { state.indexTables.setTitle(title) }

    /// Serves a further address with routes of its own (no built-in endpoints), under the same TLS and authentication.
    /// Binds at once; serves when the build closure has returned.
    /// - Parameters:
    ///   - address: where to listen.
    ///   - flag: the flag that changes the address, for errors.
    ///   - router: its routes; they may be added after this call.
    /// - Returns: the address with the kernel's port when it said 0.
    @discardableResult
    package mutating func addListener(
        _ address: ListenAddress, flag: String, router: Router<ServiceContext>
    ) async throws -> ListenAddress {
        try state.checkExposure(address, flag: flag)
        let pipeline = state.pipeline(builtin: nil)
        let listener = try await HTTPListener(
            binding: address, flag: flag, pipeline: pipeline, security: state.security,
            maxConnections: state.maxConnections, clients: state.clients,
            drainTime: .seconds(options.shutdownTimeout), logger: logger)
        listeners.append(ExtraListener(listener: listener, pipeline: pipeline, router: router))
        return listener.address
    }

    /// Refuses an address that other machines reach when nobody has to log in (exit 2), as for the main address.
    /// Call it for addresses that are not served through ``addListener(_:flag:router:)``.
    package func checkExposure(_ address: ListenAddress, flag: String) throws(UsageError) {
        try state.checkExposure(address, flag: flag)
    }

    /// A router with the options that every listener wants (HEAD for every GET).
    package static func makeRouter() -> Router<ServiceContext> {
        let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ProbeMiddleware())
        return router
    }
}
