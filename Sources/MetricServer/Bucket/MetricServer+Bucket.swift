import Logging
import MetricStorage
import ObjectStorage
import RemoteStorage
import Service

extension MetricServer {
    /// What brings blocks to the object store.
    struct Buckets: Sendable {
        let uploads: BlockUploads?
        let tenants: TenantBuckets

        /// Takes the labels of a new configuration.
        func setLabels(_ labels: [(name: String, value: String)]) {
            uploads?.setLabels(labels)
            tenants.setLabels(labels)
        }

        /// The time before which all samples of a tenant are in the object store; nil where nothing is uploaded.
        func sealedBefore(_ tenant: String) -> Int64? {
            tenant == MetricTenants.mainName ? uploads?.sealedBefore : tenants.sealedBefore(tenant)
        }
    }

    /// Puts an object store beside the metric store, where the flags say so: its history answers queries, and blocks go
    /// there.
    static func addBucket(
        to daemon: inout Daemon, _ store: MetricStore, _ flags: BucketFlags, writers: QueryWriters?,
        labels: [(name: String, value: String)]
    ) async throws -> Buckets? {
        guard let file = flags.store.configFile else { return nil }
        let logger = daemon.logger
        let config = try ObjectStoreConfig(try ConfigDocument(path: file)) { logger.warning("\($0)") }
        let bucket = config.store(client: daemon.httpClient, blocking: daemon.blocking)
        let gate = flags.store.readOnly ? daemon.readinessGate("the object store has not been read yet") : nil
        if flags.upload != .none, !flags.store.readOnly, labels.isEmpty {
            logger.warning(
                "blocks are uploaded without global.external_labels: Thanos and Mimir cannot tell them from those of others"
            )
        }
        let (history, uploads) = try Self.bucket(
            bucket, beside: store, flags, labels: labels, blocking: daemon.blocking,
            marks: BucketHistory.marks(of: writers, MetricTenants.mainName), logger: logger,
            whenKnown: { gate?.open() })
        store.setHistory(history)
        daemon.add(history)
        register(history)
        if let uploads {
            daemon.add(uploads)
            register(uploads)
        }
        let tenants = TenantBuckets(
            bucket, flags: flags, writers: writers, labels: labels, blocking: daemon.blocking, logger: logger)
        daemon.add(tenants)
        return Buckets(uploads: uploads, tenants: tenants)
    }

    /// What a store has in a bucket, and what brings its blocks there unless the flags say that nothing does. Blocks on the
    /// disk.
    static func bucket(
        _ bucket: any ObjectStore, beside store: MetricStore, _ flags: BucketFlags,
        labels: [(name: String, value: String)], blocking: BlockingPool, marks: BucketHistory.Marks? = nil,
        logger: Logger, whenKnown: @escaping @Sendable () -> Void = {}
    ) throws -> (BucketHistory, BlockUploads?) {
        let interval = Duration.milliseconds(flags.store.interval.milliseconds)
        let cache = try BlockCache(
            store.path + "/object-cache", store: bucket, limit: flags.store.cacheSize.bytes, blocking: blocking)
        let history = BucketHistory(
            bucket, cache: cache, interval: interval, isOnlySource: flags.store.readOnly, marks: marks,
            whenKnown: whenKnown, logger: logger)
        guard flags.upload != .none, !flags.store.readOnly else { return (history, nil) }
        var options = BlockUploads.Options()
        options.levelOneOnly = flags.upload == .level1
        options.localRetentionMs = flags.store.localRetention.milliseconds
        options.retentionMs = store.options.retentionMs
        options.interval = interval
        let uploads = try BlockUploads(
            store, to: bucket, history: history, options: options, labels: labels, blocking: blocking, logger: logger)
        return (history, uploads)
    }

    private static func register(_ history: BucketHistory) {
        MetricRegistry.shared.collect { collection in
            collection.gauge(
                "martlet_metrics_object_store_blocks", "Blocks that the object store has.", Double(history.count))
        }
    }

    private static func register(_ uploads: BlockUploads) {
        MetricRegistry.shared.collect { collection in
            let progress = uploads.progress
            collection.counter(
                "martlet_metrics_uploaded_blocks_total", "Blocks that were uploaded.", Double(progress.uploaded))
            collection.counter(
                "martlet_metrics_upload_failures_total", "Rounds of uploads that failed.", Double(progress.failures))
            collection.gauge(
                "martlet_metrics_upload_pending_blocks", "Blocks that wait to be uploaded.", Double(progress.pending))
        }
    }
}
