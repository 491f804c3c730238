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
    /// True for a server whose own pages ask for a login.
    let authenticatesItself: Bool
    let metrics = ServerMetrics()
    let httpMetrics: HTTPMetrics
    /// nil without `--tracing.endpoint`.
    let tracer: SpanTracer?
    let readiness = Readiness()
    let reloads = Lock<[@Sendable () async throws -> Void]>([])

    init(
        name: String, options: CommonOptions, logger: Logger, memory: MemoryBudget, blocking: BlockingPool,
        authenticatesItself: Bool
    ) throws {
        self.name = name
        self.options = options
        self.logger = logger
        self.memory = memory
        self.blocking = blocking
        self.authenticatesItself = authenticatesItself
        tracer = options.tracingEndpoint == nil ? nil : SpanTracer()
        httpMetrics = HTTPMetrics(registry: .shared, server: name)
        metrics.register(in: .shared, server: name, memory: memory, readiness: readiness)
        security = try WebSecurity(path: options.webConfigFile, logger: logger)
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

    /// Runs every reload action; the first failure is thrown after all have run.
    func reload() async throws {
        Systemd.notifyReloading()
        defer { Systemd.notifyReady() }
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
