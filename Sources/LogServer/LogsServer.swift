import Durable
package import Hummingbird
import LogStorage
import Logging
import ObjectStorage
package import SealedObjects
package import Service

/// Everything that `martlet-logs` runs, wired to a daemon.
package enum LogsServer {
    /// What the server is before anybody configures it.
    package static let identity = ServerIdentity(
        name: "martlet-logs", about: "Stores log lines and answers LogQL over Loki's API.", port: 3100,
        storagePath: "data-logs", configFile: .named("Loki's YAML"),
        links: [
            .init("/loki/api/v1/labels", "the names of all labels"),
            .init("/loki/api/v1/label/job/values", "the values of one label"),
            .init("/loki/api/v1/series", "the streams of the last hours"),
            .init(
                "/loki/api/v1/query_range?query=%7Bjob%3D~%22.%2B%22%7D&limit=10",
                "LogQL: the newest lines that have a job"),
            .init("/loki/api/v1/status/buildinfo", "the version"),
        ])

    /// The one tenant of a server that has no others, as Loki calls it.
    static let tenant = "fake"

    /// Where lines arrive.
    static let pushPaths = ["/loki/api/v1/push", "/api/prom/push", "/otlp/v1/logs"]

    /// Files that a busy tenant holds open: its log, and three for the index of each of today and yesterday. Segment files
    /// of all tenants share a number of their own (`OpenFileLimit.pooled`).
    private static let filesPerTenant = 7

    /// What its flags say beyond the common ones.
    package struct Options: Sendable {
        /// Tenants that may be kept.
        package var tenants: TenantOptions
        /// Bytes of disk that the lines of one tenant may take; 0 for no limit.
        package var retentionBytes = 0
        /// Free bytes of the disk below which the oldest lines go; 0 for no limit.
        package var minFreeDiskBytes = 0
        /// Where sealed segments are kept beside the disk.
        package var bucket: SealedBucketFlags

        /// The defaults, for so many tenants, and what is kept beside the disk.
        package init(tenants: TenantOptions, bucket: SealedBucketFlags) {
            self.tenants = tenants
            self.bucket = bucket
        }
    }

    /// Opens the storage, adds routes and services.
    package static func build(_ daemon: inout Daemon, _ config: LogConfig, _ flags: Options) async throws {
        for warning in config.warnings { daemon.logger.warning("\(warning)") }
        var options = LogStorageOptions()
        options.maxTenants = try flags.tenants.resolve(
            filesEach: filesPerTenant, within: daemon.openFiles, logger: daemon.logger)
        options.maxOpenSegments = daemon.openFiles.pooled
        options.retention = config.limits.lineRetention
        options.retentionBytes = Int64(flags.retentionBytes)
        options.minFreeDiskBytes = UInt64(flags.minFreeDiskBytes)
        options.sync = daemon.options.walSync.policy
        let directory = daemon.storagePath(configured: config.storagePath)
        let budget = daemon.memory
        let logger = daemon.logger
        let storageOptions = options
        let store = try await daemon.blocking.run {
            try LogStore(
                directory, options: storageOptions, budget: budget, logger: logger,
                clock: { WallClock.nanoseconds / 1_000_000_000 })
        }
        let deletes = try await daemon.blocking.run {
            try DeleteRequests(
                directory, maxTenants: storageOptions.maxTenants, fileSystem: DiskFileSystem(), logger: logger)
        }
        let blocking = daemon.blocking
        daemon.onShutdown {
            do {
                try await blocking.run { try store.close() }
            } catch {
                logger.error("cannot close the log storage", metadata: ["error": "\(error)"])
            }
        }
        let queries = BlockingPool(threads: blocking.threads)
        daemon.onShutdown { await queries.shutdown() }
        let bucket = try await addBucket(
            to: &daemon, store, deletes, flags.bucket, directory: directory, retention: config.limits.lineRetention)
        let sources = TenantSources(store: store, deletes: deletes, bucket: bucket)
        let isReadOnly = flags.bucket.store.readOnly
        addRoutes(
            to: daemon.router, sources: sources, config: config, queries: queries, isReadOnly: isReadOnly,
            clock: { WallClock.nanoseconds })
        for path in pushPaths { daemon.route(path, needs: .write, traced: false, isIngest: true) }
        for path in QueryAPI.paths + TailAPI.paths { daemon.route(path, needs: .read, traced: false) }
        daemon.route(DeleteAPI.path, traced: false)
        guard !isReadOnly else {
            if config.ruler.directory != nil {
                logger.warning(
                    "rules are not read: with --storage.read-only they are evaluated by the servers that write")
            }
            return
        }
        daemon.onSnapshot(of: directory) { target in
            // Requests first: one that ends meanwhile is then not done yet in the snapshot, and hides its lines.
            try deletes.snapshot(to: target)
            try store.snapshot(to: target)
        }
        try await addRules(
            to: &daemon, config, sources, directory: directory, maxTenants: options.maxTenants)
        // A thread of its own: sealing and merging take long, and pushes wait for the others.
        let upkeep = BlockingPool(threads: 1)
        daemon.onShutdown { await upkeep.shutdown() }
        daemon.add(
            MaintenanceService(
                store: store, deletes: deletes, bucket: bucket, retention: config.limits.lineRetention,
                purgePeriod: config.limits.deletesFromDisk ? config.deleteCancelPeriod : nil, blocking: upkeep))
    }

    /// Adds the routes for pushes and queries. `queries` are threads of their own, so that queries hold up no lines;
    /// `isReadOnly` refuses pushes and deletes; `clock` gives Unix nanoseconds.
    package static func addRoutes(
        to router: Router<ServiceContext>, sources: TenantSources, config: LogConfig,
        queries: BlockingPool, isReadOnly: Bool = false, clock: @escaping @Sendable () -> Int64
    ) {
        let tails = TailHub(limit: config.limits.maxTails, budget: sources.store.queryBudget)
        if isReadOnly {
            refuseWrites(on: router)
        } else {
            PushAPI(store: sources.store, tails: tails, config: config, clock: clock).add(to: router)
            DeleteAPI(requests: sources.deletes, config: config, clock: clock).add(to: router)
        }
        TailAPI(sources: sources, hub: tails, config: config, queries: queries, clock: clock).add(to: router)
        QueryAPI(sources: sources, config: config, queries: queries, clock: clock).add(to: router)
    }
}
