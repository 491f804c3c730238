import Durable
import Logging
import MartletCore
import MetricStorage
import ObjectStorage
import RemoteStorage
import Scraping
package import Service
import Templates

extension MetricServer {
    /// Builds the whole server into a daemon: opens the store, scrapes, serves, keeps house, and closes it at the end.
    package static func build(_ daemon: inout Daemon, flags: MetricFlags) async throws {
        try flags.bucket.check()
        let prefix = routePrefix(flags)
        daemon.serve(below: prefix)
        if let title = flags.pageTitle { daemon.setTitle(title) }
        daemon.allow(try crossOrigin(flags))
        let logger = daemon.logger
        let address = daemon.address
        let load: @Sendable () throws -> PrometheusConfig = { [file = daemon.options.configFile] in
            var config =
                try file.map { try PrometheusConfig(path: $0) } ?? .scrapingItself(at: "\(address)", below: prefix)
            // What would write samples.
            if flags.bucket.store.readOnly { (config.scrapeConfigs, config.ruleFiles) = ([], []) }
            return config
        }
        let config = try load()
        for warning in config.warnings { logger.warning("\(warning)") }
        if let path = flags.storagePath, let other = daemon.options.storagePath, path != other {
            throw UsageError("--storage.path and --storage.tsdb.path differ: give one of them")
        }
        let path = flags.storagePath ?? daemon.storagePath()
        let options = storeOptions(flags, daemon.options, config)
        let (memory, blocking) = (daemon.memory, daemon.blocking)
        let store = try await blocking.run {
            try MetricStore(path, options: options, budget: memory, logger: logger)
        }
        let known = try await blocking.run { try MetricTenants.openKnown(beside: store, logger: logger) }
        let writers = try flags.writers.open(
            isReadOnly: flags.bucket.store.readOnly, timeoutMs: max(1, flags.queryTimeout.milliseconds / 2),
            namesTenants: flags.multitenancy
        ) { logger.warning("\($0)") }
        let buckets = try await addBucket(
            to: &daemon, store, flags.bucket, writers: writers,
            labels: config.global.externalLabels.map { ($0.0, $0.1) })
        let scrapes = ScrapeManager(
            config.scrapeConfigs,
            .init(
                store: store, blocking: blocking, logger: logger,
                startsAtZero: flags.featureNames.contains("created-timestamp-zero-ingestion")))
        let server = MetricServer(
            store: store, tenants: known, tenantOptions: try tenantOptions(flags, daemon), scrapes: scrapes,
            config: config, flags: flags,
            flagValues: flagValues(flags, daemon.options, path), externalURL: externalURL(flags, address),
            writers: writers, sealedBefore: { buckets?.sealedBefore($0) },
            blocking: blocking, logger: logger)
        let tenants = server.tenants
        try await blocking.run {
            try tenants.whenOpened {
                try buckets?.tenants.add($0, $1)
            } isElsewhere: {
                try await buckets?.tenants.has($0) ?? false
            } beforeFirstUse: {
                await buckets?.tenants.look(at: $0)
            }
        }
        try await server.apply(config)
        if !flags.bucket.store.readOnly { daemon.onSnapshot(of: path) { try tenants.snapshot(to: $0) } }
        server.addRoutes(to: daemon.router)
        server.register(in: .shared)
        server.addTables(to: daemon)
        if !flags.idle.given.isEmpty {
            logger.warning("flags without effect here: \(flags.idle.given.joined(separator: ", "))")
        }
        for warning in FeatureNames.warnings(flags.featureNames) { logger.warning("\(warning)") }
        // Ingest and queries make no traces of their own, so that the stack does not feed itself.
        for prefix in [
            "/api/v1/query", "/api/v1/query_range", "/api/v1/query_exemplars", "/api/v1/series", "/api/v1/labels",
            "/api/v1/label", "/federate",
        ] {
            daemon.route(prefix, needs: .read, traced: false)
        }
        for prefix in ["/api/v1/write", "/api/v1/otlp"] {
            daemon.route(prefix, needs: .write, traced: false, isIngest: true)
        }
        daemon.route("/api/v1/read", needs: .read, traced: false)
        daemon.route("/api/v1/admin", needs: .write)
        // Services stop in reverse: first the rules, then what sends their alerts, at last what sends samples.
        if let writer = server.remoteWriter { daemon.add(writer) }
        daemon.add(server.rules.notifier)
        daemon.add(server.rules.watch)
        daemon.add(server.rules.manager)
        daemon.add(Housekeeping(tenants: tenants, blocking: blocking, logger: logger))
        daemon.add(scrapes)
        daemon.onReload {
            let fresh = try load()
            buckets?.setLabels(fresh.global.externalLabels.map { ($0.0, $0.1) })
            for warning in fresh.warnings { logger.warning("\(warning)") }
            try await server.apply(fresh)
        }
        daemon.onShutdown {
            await server.queries.shutdown()
            await server.reads.shutdown()
            await server.rules.shutdown()
            await server.fanout.shutdown()
            await writers?.shutdown()
            do {
                try await blocking.run { try tenants.close() }
            } catch {
                logger.error("the stores cannot be closed cleanly", metadata: ["error": "\(error)"])
            }
        }
    }

    /// The path below which the server answers: what the flag says, or the path of the URL at which users reach it.
    private static func routePrefix(_ flags: MetricFlags) -> String {
        flags.routePrefix ?? flags.externalURL.map { ExternalURL($0).path } ?? ""
    }

    private static func crossOrigin(_ flags: MetricFlags) throws(UsageError) -> CrossOrigin {
        do {
            return try CrossOrigin(below: "/api/v1", origins: flags.corsOrigin)
        } catch {
            throw UsageError("could not compile CORS regex string \(GoQuote.quote(flags.corsOrigin)): \(error)")
        }
    }

    /// Where users reach the server: what the flag says, or this host and port.
    private static func externalURL(_ flags: MetricFlags, _ address: ListenAddress) -> String {
        flags.externalURL ?? "http://\(HostName.current):\(address.port)"
    }

    /// Files that a tenant with two weeks of blocks holds open, of each block its index and chunks.
    private static let filesPerTenant = 100

    private static func tenantOptions(_ flags: MetricFlags, _ daemon: Daemon) throws -> MetricTenants.Options {
        var options = MetricTenants.Options()
        options.isEnabled = flags.multitenancy
        options.opensForReading = flags.bucket.store.readOnly
        options.limit = try flags.tenants.resolve(
            filesEach: filesPerTenant, within: daemon.openFiles, logger: daemon.logger)
        return options
    }

    private static func storeOptions(
        _ flags: MetricFlags, _ common: CommonOptions, _ config: PrometheusConfig
    ) -> MetricStore.Options {
        var options = MetricStore.Options()
        options.limits = flags.limits.limits
        options.maxExemplars = config.storage.maxExemplars
        options.outOfOrderWindowMs = config.storage.outOfOrderWindowMs
        options.sync = common.walSync.policy
        options.compression = !flags.walCompression ? .none : flags.walCompressionType == "zstd" ? .zstd : .snappy
        let time = flags.retentionTime?.milliseconds ?? 0
        options.sizeLimit = flags.retentionSize?.bytes ?? 0
        // As with Prometheus, a limit of size alone lifts that of time.
        if time > 0 { options.retentionMs = time } else if options.sizeLimit > 0 { options.retentionMs = .max }
        return options
    }

    private static func flagValues(
        _ flags: MetricFlags, _ common: CommonOptions, _ path: String
    ) -> [(name: String, value: String)] {
        [
            ("config.file", common.configFile ?? ""), ("enable-feature", flags.features.joined(separator: ",")),
            ("log.format", "\(common.logFormat)"), ("log.level", "\(common.logLevel)"),
            ("query.lookback-delta", "\(flags.lookbackDelta)"),
            ("objstore.config-file", flags.bucket.store.configFile ?? ""),
            ("query.max-concurrency", "\(flags.queryMaxConcurrency)"),
            ("query.max-samples", "\(flags.queryMaxSamples)"), ("query.timeout", "\(flags.queryTimeout)"),
            ("storage.local-retention", "\(flags.bucket.store.localRetention)"),
            ("storage.read-only", "\(flags.bucket.store.readOnly)"),
            ("storage.tsdb.path", path),
            ("storage.tsdb.retention.size", flags.retentionSize.map { "\($0)" } ?? "0B"),
            ("storage.tsdb.retention.time", flags.retentionTime.map { "\($0)" } ?? "0s"),
            ("auth.multitenancy-enabled", "\(flags.multitenancy)"), ("storage.upload", flags.bucket.upload.rawValue),
            ("web.cors.origin", flags.corsOrigin), ("web.enable-admin-api", "\(flags.enableAdminAPI)"),
            ("web.external-url", flags.externalURL ?? ""), ("web.page-title", flags.pageTitle ?? identity.name),
            ("web.route-prefix", routePrefix(flags).isEmpty ? "/" : routePrefix(flags)),
            ("web.listen-address", "\(common.listenAddress ?? identity.address)"),
        ] + flags.limits.values + flags.remote.values + flags.rules.values + flags.writers.values
    }
}
