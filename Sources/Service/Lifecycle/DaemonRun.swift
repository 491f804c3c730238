import ArgumentParser
import AsyncHTTPClient
import CPlatform
import CoreMetrics
import Hummingbird
import Logging
import MartletCore
import NIOCore
import NIOPosix
import ServiceLifecycle
import Tracing
import UnixSignals

#if canImport(Glibc)
import Glibc
#endif

extension Daemon {
    /// Runs a server until it is told to stop, then exits the process: 0 clean, 1 runtime failure, 2 bad flags or config.
    ///
    /// - Parameters:
    ///   - server: what it is.
    ///   - options: the parsed common flags.
    ///   - build: opens stores, adds routes and services. May throw ``UsageError`` or ``ConfigError`` (exit 2);
    ///     any other error is printed as one line and exits with 1.
    package static func run(
        _ server: ServerIdentity, options: CommonOptions, _ build: (inout Daemon) async throws -> Void
    ) async -> Never {
        signal(SIGPIPE, SIG_IGN)
        // Until signals are taken over nothing is read: there is nothing to read again.
        signal(SIGHUP, SIG_IGN)
        // Allocations move between few threads that wait most of the time: more arenas only hold more memory.
        cplatform_limit_malloc_arenas(2)
        do {
            try await serve(server, options: options, build)
            Glibc.exit(0)
        } catch {
            let isUsage = error is UsageError || error is ConfigError || error is ValidationError
            let line = "\(error)".split(separator: "\n").joined(separator: " ")
            StandardError.write("\(server.name): \(line)\n")
            Glibc.exit(isUsage ? 2 : 1)
        }
    }

    private static func serve(
        _ server: ServerIdentity, options: CommonOptions, _ build: (inout Daemon) async throws -> Void
    ) async throws {
        let name = server.name
        if options.configFile != nil, case .absent(let instead) = server.configFile {
            throw UsageError("--config.file: \(instead)")
        }
        let level: Logger.Level =
            switch options.logLevel {
            case .debug: .debug
            case .info: .info
            case .warn: .warning
            case .error: .error
            }
        LoggingSystem.bootstrap { label in
            LineLogHandler(label: label, format: options.logFormat, level: level)
        }
        MetricsSystem.bootstrap(MetricRegistry.shared)
        let logger = Logger(label: name)
        let memory = MemoryBudget(limitBytes: options.memoryLimit.resolve())
        let cores = NIOCore.System.coreCount
        let blocking = BlockingPool(threads: min(max(cores, 2), 16))
        let memoryWatch = MemoryWatch(memory, blocking: blocking)
        let state = try DaemonState(
            name: name, options: options, logger: logger, memory: memory, blocking: blocking,
            openFiles: OpenFileLimit.raise(), authenticatesItself: server.authenticatesItself)

        let wanted = options.listenAddress ?? server.address
        try state.checkExposure(wanted, flag: "--web.listen-address")
        let builtin = BuiltinEndpoints(
            name: name, readiness: state.readiness, registry: .shared, blocking: blocking,
            reload: { try await state.reload() }, snapshots: { state.snapshots.withLock { $0 } },
            index: server.authenticatesItself ? nil : IndexPage(server, tables: state.indexTables),
            isExposedWithoutLogin: server.authenticatesItself && !wanted.isLoopback && !options.allowUnauthenticated)
        let pipeline = state.pipeline(builtin: builtin)
        state.mainPipeline.withLock { $0 = pipeline }
        let listener = try await HTTPListener(
            binding: wanted, flag: "--web.listen-address", pipeline: pipeline, security: state.security,
            speaksHTTP2: server.speaksHTTP2, maxConnections: state.maxConnections, clients: state.clients,
            drainTime: .seconds(options.shutdownTimeout), logger: logger)
        logger.info(
            "starting",
            metadata: [
                "version": .string(BuildVersion.number), "address": .string("\(listener.address)"),
                "memory_limit": .string(ByteSize.format(memory.limit)),
            ])

        // Before the client, which asks the system for its tracer when it is made.
        if let tracer = state.tracer {
            InstrumentationSystem.bootstrap(tracer)
            MetricRegistry.shared.collect { collection in
                let totals = tracer.totals
                collection.counter(
                    "martlet_trace_spans_exported_total", "Own spans that were exported.", Double(totals.exported))
                collection.counter(
                    "martlet_trace_spans_dropped_total", "Own spans that were dropped: queue full or not delivered.",
                    Double(totals.dropped))
            }
        }
        var clientConfiguration = HTTPClient.Configuration()
        // Otherwise a refused connection is tried again inside the client until the request's deadline: scrapes of dead
        // targets would take their whole timeout, and senders would not know why nothing goes out.
        clientConfiguration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: clientConfiguration)
        var daemon = Daemon(
            server: server, options: options, logger: logger, memory: memory, router: makeRouter(), httpClient: client,
            blocking: blocking, address: listener.address, readiness: state.readiness, state: state)

        let signals = SignalDirector(state: state)
        let trapped = await SignalDirector.trap()
        let watching = [
            Task<Void, Never> { await signals.run(trapped) }, Task<Void, Never> { try? await state.security.watch() },
            Task<Void, Never> { await Systemd.keepFeedingWatchdog() },
            Task<Void, Never> { await memoryWatch.run() },
        ]
        // The built-in endpoints answer while stores open and logs replay.
        let main = ListenerService(listener)
        let serving = Task { try await main.listen() }
        do {
            try await build(&daemon)
        } catch {
            serving.cancel()
            try? await client.shutdown()
            throw error
        }
        if let tracer = state.tracer, let endpoint = options.tracingEndpoint {
            daemon.services.insert(
                SpanExporter(tracer: tracer, client: client, endpoint: endpoint, server: name, logger: logger), at: 0)
        }
        for extra in daemon.listeners {
            daemon.services.append(ListenerService(extra.listener))
            extra.pipeline.serve(.init(responder: extra.router.buildResponder(), policy: daemon.routePolicy))
        }
        pipeline.serve(.init(responder: daemon.router.buildResponder(), policy: daemon.routePolicy))

        var lifecycleLogger = Logger(label: "lifecycle")
        lifecycleLogger.logLevel = max(level, .warning)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: daemon.services + [main], logger: lifecycleLogger))
        signals.started(group)
        state.started()
        state.readiness.start()
        let announcing = Task {
            await state.readiness.wait()
            guard state.readiness.isReady else { return }
            logger.info("ready", metadata: ["address": .string("\(listener.address)")])
            state.announce()
        }
        try await group.run()
        state.readiness.stop()
        announcing.cancel()
        for task in watching { task.cancel() }
        for cleanup in daemon.cleanups.reversed() { await cleanup() }
        try? await client.shutdown()
        logger.info("stopped")
    }
}
