import HTTPTypes
import Logging
import MartletCore

/// What the daemon and its listeners share for the life of the process.
final class DaemonState: Sendable {
    let name: String
    let options: CommonOptions
    let logger: Logger
    let memory: MemoryBudget
    let blocking: BlockingPool
    let security: WebSecurity
    let openFiles: OpenFileLimit
    /// Connections that an address serves at a time.
    let maxConnections: Int
    /// Who is connected, over all addresses.
    let clients: ClientConnections
    /// True for a server whose own pages ask for a login.
    let authenticatesItself: Bool
    let metrics = ServerMetrics()
    let httpMetrics: HTTPMetrics
    /// nil without `--tracing.endpoint`.
    let tracer: SpanTracer?
    let readiness = Readiness()
    let indexTables = IndexTables()
    /// That of the main address, once there is one.
    let mainPipeline = Lock<RequestPipeline?>(nil)
    let reloads = Lock<[@Sendable () async throws -> Void]>([])
    /// Nil in a server that keeps nothing to take a snapshot of.
    let snapshots = Lock<SnapshotActions?>(nil)
    private let phase = Lock(Phase.starting(reloadIsDue: false))

    /// How far the process has come, as far as reloading is concerned.
    private enum Phase {
        /// Not everything that a reload changes is there yet.
        case starting(reloadIsDue: Bool)
        case running
        /// Running, and the service manager knows it.
        case announced
    }

    init(
        name: String, options: CommonOptions, logger: Logger, memory: MemoryBudget, blocking: BlockingPool,
        openFiles: OpenFileLimit, authenticatesItself: Bool
    ) throws {
        self.name = name
        self.options = options
        self.logger = logger
        self.memory = memory
        self.blocking = blocking
        self.authenticatesItself = authenticatesItself
        self.openFiles = openFiles
        maxConnections = try options.connections(within: openFiles, logger: logger)
        clients = ClientConnections(limit: options.maxConnectionsPerClient ?? max(1, maxConnections / 2))
        tracer = options.tracingEndpoint == nil ? nil : SpanTracer()
        httpMetrics = HTTPMetrics(registry: .shared, server: name)
        security = try WebSecurity(path: options.webConfigFile, logger: logger)
        metrics.register(
            in: .shared, server: name, memory: memory, readiness: readiness, clients: clients, security: security)
    }

    func pipeline(builtin: BuiltinEndpoints?) -> RequestPipeline {
        RequestPipeline(
            logger: logger, memory: memory, blocking: blocking, security: security, builtin: builtin,
            metrics: httpMetrics, tracer: tracer)
    }

    /// An address that other machines reach needs authentication.
    func checkExposure(_ address: ListenAddress, flag: String) throws(UsageError) {
        guard !address.isLoopback, !options.allowUnauthenticated, !authenticatesItself else { return }
        if security.authenticates {
            security.requireAuthentication()
            return
        }
        throw UsageError(
            "\(flag)=\(address) can be reached by other machines and nobody has to log in: "
                + "add users or tokens with --web.config.file, or allow it with --web.allow-unauthenticated")
    }

    /// From now on reloads are done at once. One that was asked for before is done now, since a part of the configuration
    /// may have been read already.
    func started() {
        let isDue = phase.withLock { phase in
            defer { phase = .running }
            if case .starting(let isDue) = phase { return isDue }
            return false
        }
        // What it throws is logged where it happens.
        if isDue { Task { try? await reload() } }
    }

    /// The server is ready: tells the service manager.
    func announce() {
        phase.withLock { $0 = .announced }
        Systemd.notifyReady()
    }

    /// Reloads, or while the server is still starting has it done when it has started.
    func reloadWhenStarted() async {
        let isStarting = phase.withLock { phase in
            guard case .starting = phase else { return false }
            phase = .starting(reloadIsDue: true)
            return true
        }
        if isStarting {
            logger.info("the configuration is read again when the server has started")
            return
        }
        // What it throws is logged where it happens.
        try? await reload()
    }

    /// Runs every reload action; the first failure is thrown after all have run.
    func reload() async throws {
        let isAnnounced = try phase.withLock { phase in
            if case .starting = phase { throw HTTPFailure.retryLater(.serviceUnavailable, "not ready: starting") }
            if case .announced = phase { return true }
            return false
        }
        // The service manager takes the end of a reload for readiness.
        if isAnnounced { Systemd.notifyReloading() }
        defer { if isAnnounced { Systemd.notifyReady() } }
        var failure: (any Error)?
        for action in [{ try self.security.reload() }] + reloads.withLock({ $0 }) {
            do {
                try await action()
            } catch {
                logger.error("reload failed; the old configuration stays", metadata: ["error": .string("\(error)")])
                failure = failure ?? error
            }
        }
        metrics.reloaded(failure == nil)
        if let failure { throw failure }
        logger.info("configuration reloaded")
    }
}
