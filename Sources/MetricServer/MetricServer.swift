package import Hummingbird
package import Logging
import MartletCore
package import MetricStorage
import ObjectStorage
import PromQL
package import RemoteStorage
package import Scraping
package import Service
import Templates
import Wire

/// The metrics server's parts and its HTTP API, which is Prometheus'.
package struct MetricServer: Sendable {
    /// The stores of all tenants.
    let tenants: MetricTenants
    /// That of the tenant that is served.
    var store: MetricStore
    /// What takes its pushes.
    var writes: WriteReceiver
    /// The tenant's name.
    var tenant = MetricTenants.mainName
    let scrapes: ScrapeManager
    let engine: Engine
    let queries: QueryRunner
    /// The main tenant's last queries.
    let queryLog = QueryLog()
    /// What answers remote read.
    let reads: QueryRunner
    /// The store and other servers, which queries of the main tenant read.
    let fanout: FanoutSource
    /// Those that write what is read from an object store here, where queries ask them.
    let writers: QueryWriters?
    /// The time before which all samples of a tenant are in the object store; nil where nothing is uploaded.
    let sealedBefore: @Sendable (_ tenant: String) -> Int64?
    let remoteFlags: RemoteFlags
    /// Sends on what is stored; nil in a server that stores nothing.
    let remoteWriter: RemoteWriter?
    let acceptedMessages: [RemoteWrite.Message]
    let rules: RuleServices
    let blocking: BlockingPool
    let adminAPI: Bool
    let readOnly: Bool
    let config: Lock<PrometheusConfig>
    let flagValues: [(name: String, value: String)]
    let startedMs: Int64
    let configLoadedMs: Lock<Int64>

    /// Puts the parts together; nothing runs yet. `tenants` are stores beside that of the main tenant; `sealedBefore` gives the
    /// time before which all samples of a tenant are in the object store.
    package init(
        store: MetricStore, tenants known: [String: MetricStore] = [:], tenantOptions: MetricTenants.Options = .init(),
        scrapes: ScrapeManager, config: PrometheusConfig,
        flags: MetricFlags, flagValues: [(name: String, value: String)], externalURL: String = "",
        writers: QueryWriters? = nil, sealedBefore: @escaping @Sendable (_ tenant: String) -> Int64? = { _ in nil },
        blocking: BlockingPool, logger: Logger
    ) {
        self.store = store
        self.scrapes = scrapes
        let features = flags.featureNames
        var options = Engine.Options(features: features)
        options.lookback = flags.lookbackDelta.milliseconds
        options.subqueryStep = config.global.evaluationIntervalMs
        engine = Engine(options: options)
        queries = QueryRunner(
            concurrency: flags.queryMaxConcurrency, maxSamples: flags.queryMaxSamples,
            timeoutMs: flags.queryTimeout.milliseconds, memory: store.queryBudget)
        // Without a limit of its own remote read is held to that of queries.
        reads =
            flags.remote.readConcurrentLimit == 0
            ? queries
            : QueryRunner(
                concurrency: flags.remote.readConcurrentLimit, maxSamples: flags.queryMaxSamples,
                timeoutMs: flags.queryTimeout.milliseconds, memory: store.queryBudget)
        fanout = FanoutSource(store, logger: logger)
        self.writers = writers
        self.sealedBefore = sealedBefore
        remoteFlags = flags.remote
        let writeOptions = WriteReceiver.Options(
            bodyLimit: flags.maxWriteBody.bytes, startsAtZero: features.contains("created-timestamp-zero-ingestion"))
        tenants = MetricTenants(
            main: store, known: known, options: tenantOptions, writes: writeOptions, blocking: blocking, logger: logger)
        writes = tenants.main.writes
        acceptedMessages = flags.acceptedMessages.compactMap(RemoteWrite.Message.init(rawValue:))
        rules = RuleServices(
            store: store, source: fanout, engine: engine, flags: flags, externalURL: ExternalURL(externalURL),
            logger: logger)
        self.blocking = blocking
        readOnly = flags.bucket.store.readOnly
        remoteWriter =
            readOnly
            ? nil
            : RemoteWriter(
                store: store, blocking: blocking, options: flags.remote.writerOptions, logger: logger)
        adminAPI = flags.enableAdminAPI && !readOnly
        self.config = Lock(config)
        self.flagValues = flagValues
        startedMs = WallClock.milliseconds
        configLoadedMs = Lock(WallClock.milliseconds)
    }

    /// Whether the main tenant is served.
    var isMain: Bool { tenant == MetricTenants.mainName }

    /// What queries read.
    var source: any MetricSource {
        let own: any MetricSource = isMain ? fanout : store
        return writers?.source(over: own, tenant: tenant) ?? own
    }

    /// Adds the API's routes.
    package func addRoutes(to router: Router<ServiceContext>) {
        addQueryRoutes(router)
        addSeriesRoutes(router)
        addExemplarRoutes(router)
        addStatusRoutes(router)
        addTargetRoutes(router)
        addScrapePoolRoutes(router)
        addFeatureRoutes(router)
        addRuleRoutes(router)
        addWrittenRuleRoutes(router)
        addWriteRoutes(router)
        router.post("/api/v1/read") { request, context in
            try await serving(request, context).remoteRead(request, context)
        }
        addAdminRoutes(router)
        router.get("/federate") { request, context in
            try await serving(request, context).federate(request, context)
        }
    }

    /// Takes a configuration, before or while the server runs. When its rules cannot be loaded all stays as it was.
    package func apply(_ fresh: PrometheusConfig) async throws {
        try await rules.changes.run { try await applyNow(fresh) }
    }

    private func applyNow(_ fresh: PrometheusConfig) async throws {
        let rules = rules
        let sources = try await blocking.run { try rules.load(fresh) }
        try await fanout.apply(fresh.remoteRead, externalLabels: fresh.global.externalLabels)
        try await remoteWriter?.apply(fresh.remoteWrite, externalLabels: fresh.global.externalLabels)
        engine.setSubqueryStep(fresh.global.evaluationIntervalMs)
        await rules.apply(fresh, sources)
        config.withLock { $0 = fresh }
        configLoadedMs.withLock { $0 = WallClock.milliseconds }
        scrapes.apply(fresh.scrapeConfigs)
        tenants.apply(
            .init(
                retentionRules: fresh.retentionRules, maxExemplars: fresh.storage.maxExemplars,
                outOfOrderWindowMs: fresh.storage.outOfOrderWindowMs))
    }

    /// Closes the stores of all tenants. Blocks on the disk.
    package func closeStores() throws { try tenants.close() }

    /// Registers a handler for GET and for POST with a form. It gets the server as the request's tenant sees it.
    func both(
        _ router: Router<ServiceContext>, _ path: RouterPath,
        _ handler: @escaping @Sendable (MetricServer, RequestParameters, ServiceContext) async throws -> Response
    ) {
        let answer: @Sendable (Request, ServiceContext) async throws -> Response = { request, context in
            try await APIResponse.answering {
                let server = try await serving(request, context)
                return try await handler(server, try await RequestParameters(request, context), context)
            }
        }
        router.get(path, use: answer)
        router.post(path, use: answer)
    }
}
