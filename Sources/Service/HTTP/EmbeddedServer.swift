package import Hummingbird
package import Logging
import MartletCore

/// One router on a loopback port of this process, with everything that ``Daemon`` puts around it; for tests and for
/// tools that need a server for a while.
package final class EmbeddedServer: Sendable {
    /// Where it listens.
    package let address: ListenAddress
    /// `http://127.0.0.1:PORT`, or https when the web configuration has TLS.
    package var url: String { (isSecure ? "https://" : "http://") + "\(address)" }
    private let isSecure: Bool

    private let listener: HTTPListener
    private let task: Task<Void, any Error>

    /// Binds a free port of 127.0.0.1 and serves.
    /// - Parameters:
    ///   - router: made with ``Daemon/makeRouter()``; complete.
    ///   - server: whose metric names are used, such as `martlet-metrics`.
    ///   - tracer: gets a span for each request.
    ///   - untraced: paths without spans, with everything below them.
    ///   - writePaths: paths that need write access, with everything below them.
    ///   - webConfigFile: TLS, users and tokens.
    ///   - limits: patience with slow clients.
    ///   - memoryLimit: bytes that request bodies may take together.
    ///   - maxConnections: connections served at a time.
    ///   - maxConnectionsPerClient: connections of one client that is not on this machine.
    ///   - host: where it listens.
    ///   - index: the server that `/` introduces; nil leaves the path to the router.
    ///   - indexTables: what `/` shows beside.
    ///   - prefix: the path below which all is served.
    ///   - crossOrigin: what pages of other sites may read.
    ///   - readPaths: paths that need read access, with everything below them.
    ///   - isExposedWithoutLogin: as for a server whose own pages ask for a login.
    ///   - speaksHTTP2: whether clients may speak HTTP/2 as well.
    ///   - logger: gets failures; nothing by default.
    package init(
        router: Router<ServiceContext>, server: String = "martlet", tracer: SpanTracer? = nil,
        untraced: [String] = [], webConfigFile: String? = nil, writePaths: [String] = [],
        limits: ConnectionLimits = ConnectionLimits(),
        memoryLimit: Int = 256 << 20, maxConnections: Int = 1024, maxConnectionsPerClient: Int = 512,
        drainTime: Duration = .seconds(5), host: String = "127.0.0.1", index: ServerIdentity? = nil,
        indexTables: IndexTables = IndexTables(),
        prefix: String = "", crossOrigin: CrossOrigin? = nil, readPaths: [String] = [],
        isExposedWithoutLogin: Bool = false, speaksHTTP2: Bool = false,
        logger: Logger = Logger(label: "embedded") { _ in SwiftLogNoOpLogHandler() }
    ) async throws {
        let blocking = BlockingPool(threads: 2)
        let registry = MetricRegistry()
        let readiness = Readiness()
        readiness.start()
        let security = try WebSecurity(path: webConfigFile, logger: logger)
        let pipeline = RequestPipeline(
            logger: logger, memory: MemoryBudget(limitBytes: memoryLimit), blocking: blocking, security: security,
            builtin: BuiltinEndpoints(
                name: "embedded", readiness: readiness, registry: registry, blocking: blocking,
                reload: { try security.reload() }, index: index.map { IndexPage($0, tables: indexTables) },
                isExposedWithoutLogin: isExposedWithoutLogin),
            metrics: HTTPMetrics(registry: registry, server: server), tracer: tracer)
        let listener = try await HTTPListener(
            binding: ListenAddress(host: host, port: 0), flag: "--web.listen-address", pipeline: pipeline,
            security: security, limits: limits, speaksHTTP2: speaksHTTP2, maxConnections: maxConnections,
            clients: ClientConnections(limit: maxConnectionsPerClient), drainTime: drainTime, logger: logger)
        var policy = RoutePolicy()
        for prefix in writePaths { policy.declare(prefix, .init(access: .write)) }
        for path in readPaths { policy.declare(path, .init(access: .read)) }
        policy.crossOrigin = crossOrigin
        pipeline.move(below: RoutePrefix(prefix))
        for prefix in untraced { policy.declare(prefix, .init(traced: false)) }
        pipeline.serve(.init(responder: router.buildResponder(), policy: policy))
        self.listener = listener
        address = listener.address
        isSecure = security.tls != nil
        task = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await security.watch(every: .milliseconds(50)) }
                try await listener.run()
                group.cancelAll()
            }
        }
    }

    /// Stops accepting, lets requests in flight finish within the drain time, and returns.
    package func stop() async {
        listener.stopAccepting()
        try? await task.value
    }
}
