import Logging
import OTLPReceiver
import ObjectStorage
package import SealedObjects
package import Service
import SpanMetrics
import TraceStorage

/// Everything that `martlet-traces` runs, wired to a daemon.
package enum TraceServer {
    /// What the server is before anybody configures it.
    package static let identity = ServerIdentity(
        name: "martlet-traces", about: "Receives spans, keeps them, and answers TraceQL.", port: 3200,
        storagePath: "data-traces", configFile: .named("Tempo's YAML"), speaksHTTP2: true,
        links: [
            .init("/api/search?limit=10", "the newest traces"),
            .init("/api/search?q=%7B+status+%3D+error+%7D", "TraceQL: traces with an error"),
            .init("/api/search/tag/service.name/values", "the services that send spans"),
            .init("/api/v2/search/tags", "the names of all attributes"),
            .init("/api/status/buildinfo", "the version"),
        ])
    /// Where OTLP arrives unless flag or file says otherwise.
    package static let otlpGRPC = ListenAddress(host: "127.0.0.1", port: 4317)
    /// Where OTLP arrives unless flag or file says otherwise.
    package static let otlpHTTP = ListenAddress(host: "127.0.0.1", port: 4318)

    /// What its flags say beyond the common ones.
    package struct Options: Sendable {
        /// Where OTLP arrives over gRPC; nil for the configuration's or 127.0.0.1:4317.
        package var otlpGRPC: ListenAddress?
        /// Where OTLP arrives over HTTP; nil for the configuration's or 127.0.0.1:4318.
        package var otlpHTTP: ListenAddress?
        /// Where Zipkin's and Jaeger's spans arrive, before what the configuration says.
        package var receivers: SpanReceiverOptions?
        /// How long spans are kept, seconds; 0 for no limit.
        package var retentionSeconds = 336 * 3600
        /// Tenants that may be kept.
        package var tenants: TenantOptions
        /// Largest OTLP request, bytes.
        package var otlpRequestBytes = 64 << 20
        /// Where metrics of spans are sent to, beside what the configuration says; nil for nowhere else.
        package var spanMetricsURL: String?
        /// Bytes of disk that the parts of one tenant may take; 0 for no limit.
        package var retentionBytes = 0
        /// Where parts are kept beside the disk.
        package var bucket: SealedBucketFlags

        /// The defaults, for so many tenants, and what is kept beside the disk.
        package init(tenants: TenantOptions, bucket: SealedBucketFlags) {
            self.tenants = tenants
            self.bucket = bucket
        }
    }

    /// Files that a tenant holds open: its log, one more while the next segment begins, and its parts, a few of each size.
    private static let filesPerTenant = 24
    /// Files that its metrics of spans hold open beside what each receiver reads: a lock, and the log as above.
    private static let filesPerGenerator = 3

    /// Unix time in nanoseconds.
    private static func now() -> UInt64 {
        UInt64(bitPattern: WallClock.nanoseconds)
    }

    /// Opens the stores, adds routes, listeners and services.
    package static func build(_ daemon: inout Daemon, _ options: Options, _ config: TraceConfig) async throws {
        for warning in config.warnings { daemon.logger.warning("\(warning)") }
        var store = config.store
        store.retentionSeconds = options.retentionSeconds
        store.retentionBytes = options.retentionBytes
        store.fit(requestBytes: options.otlpRequestBytes)
        let making = try config.generator.sending(to: options.spanMetricsURL)
        let generatorFiles = making.isEnabled ? filesPerGenerator + making.receivers.count : 0
        store.maxTenants = try options.tenants.resolve(
            filesEach: filesPerTenant + generatorFiles, within: daemon.openFiles, logger: daemon.logger)
        store.maxTenantsKey = TenantOptions.key
        store.partsMayLeave = options.bucket.store.configFile != nil
        store.sync = daemon.options.walSync.policy
        let directory = daemon.storagePath(configured: config.storagePath)
        let (blocking, logger, memory) = (daemon.blocking, daemon.logger, daemon.memory)
        let storeOptions = store
        let database = try await blocking.run {
            try TraceDatabase(directory, options: storeOptions, budget: memory, logger: logger, now: now())
        }
        daemon.onShutdown {
            do {
                try await blocking.run { try database.close() }
            } catch {
                logger.error("cannot close the trace log", metadata: ["error": "\(error)"])
            }
        }
        let tenants = TenantRule(isMultitenant: config.multitenancy)
        let queries = BlockingPool(threads: blocking.threads)
        daemon.onShutdown { await queries.shutdown() }
        QueryRoutes(database, tenants: tenants, limits: config.query, queries: queries, now: { now() })
            .register(on: daemon.router)
        for path in QueryRoutes.untraced { daemon.route(path, traced: false) }
        // Over gRPC questions are posted, too.
        daemon.route(QueryRoutes.streamingPath, needs: .read, traced: false)
        try await addBucket(
            to: &daemon, database, options.bucket, directory: directory, retentionSeconds: options.retentionSeconds)
        if options.bucket.store.readOnly { return refuseSpans(on: daemon.router) }
        daemon.onSnapshot(of: directory) { try database.snapshot(to: $0) }
        // Before the receivers, which stop first: what they have taken is still counted and sent.
        let generator = try await addGenerator(
            to: &daemon, making, beside: directory, maxTenants: storeOptions.maxTenants)
        let sink = TraceSink(
            database, tenants: tenants, rate: config.rate, generator: generator, sampling: config.headSampling,
            blocking: blocking, now: { now() })
        try await receive(&daemon, options, config, sink)
        daemon.add(MaintenanceService(database, blocking: blocking, now: { now() }))
    }

    /// Opens the addresses at which spans arrive, in whatever format: they all go the same way.
    private static func receive(
        _ daemon: inout Daemon, _ options: Options, _ config: TraceConfig, _ sink: TraceSink
    ) async throws {
        let limits = OTLPReceiverLimits(
            requestBytes: options.otlpRequestBytes, requestBytesKey: OTLPOptions.requestBytesKey)
        let otlp = try await daemon.receiveOTLP(
            grpc: options.otlpGRPC ?? config.otlpGRPC ?? otlpGRPC,
            http: options.otlpHTTP ?? config.otlpHTTP ?? otlpHTTP, sink: sink, limits: limits)
        daemon.announceReceiver("OTLP", grpc: otlp.grpc, http: otlp.http)
        try await daemon.receive(config.receivers.overridden(by: options.receivers), sink: sink, limits: limits)
    }
}
