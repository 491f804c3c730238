package import Durable
import Logging
package import MartletCore
import ObjectStorage
package import Service

/// An object store beside the store of a daemon: what it has answers queries, and what the store seals goes there.
package enum SealedBucket {
    /// The directory in a data directory; no tenant can have its name.
    package static let directoryName = "bucket~"

    /// Adds reader and writer to a daemon as the flags say; nil when they name no object store.
    ///
    /// - Parameters:
    ///   - store: what seals files; nil for a process that only reads.
    ///   - signal: `logs` or `traces`.
    ///   - directory: the store's data directory.
    ///   - retention: how long objects are kept; nil for always.
    ///   - age: what that counts from.
    ///   - notes: what readers are to know of each tenant beside its objects.
    package static func attach(
        to daemon: inout Daemon, store: (any SealedStore)?, signal: String, directory: String,
        flags: SealedBucketFlags, retention: Duration?, age: AgeOrigin,
        notes: @escaping @Sendable () -> [String: JSONValue] = { [:] }
    ) async throws -> BucketReader? {
        guard let file = flags.store.configFile else { return nil }
        let logger = daemon.logger
        let config = try ObjectStoreConfig(try ConfigDocument(path: file)) { logger.warning("\($0)") }
        let bucket = config.store(client: daemon.httpClient, blocking: daemon.blocking)
        let gate = store == nil ? daemon.readinessGate("the object store has not been read yet") : nil
        let interval = Duration.milliseconds(flags.store.interval.milliseconds)
        let own = FilePath.join(directory, directoryName)
        let cacheSize = flags.store.cacheSize.bytes
        let cache = try await daemon.blocking.run {
            try ObjectCache(FilePath.join(own, "cache"), store: bucket, limit: cacheSize)
        }
        let reader = BucketReader(
            bucket, signal: signal, cache: cache, interval: interval, whenSeen: { gate?.open() }, logger: logger)
        daemon.add(reader)
        register(reader, cache, signal)
        guard let store else { return reader }
        var options = BucketWriter.Options()
        options.localRetention = .milliseconds(flags.store.localRetention.milliseconds)
        options.retention = retention
        options.age = age
        options.grace = .milliseconds(flags.grace.milliseconds)
        options.interval = interval
        let (blocking, writerOptions) = (daemon.blocking, options)
        let writer = try await blocking.run {
            try BucketWriter(
                store, signal: signal, to: bucket, reader: reader, directory: FilePath.join(own, "writer"),
                options: writerOptions, notes: notes, blocking: blocking, logger: logger)
        }
        daemon.add(writer)
        register(writer, signal)
        return reader
    }

    private static func register(_ reader: BucketReader, _ cache: ObjectCache, _ signal: String) {
        MetricRegistry.shared.collect { collection in
            let name = "martlet_\(signal)_object_store"
            let (objects, writers) = reader.counts
            collection.gauge("\(name)_objects", "Objects that queries read, of all writers.", Double(objects))
            collection.gauge("\(name)_writers", "Writers that have a manifest.", Double(writers))
            collection.gauge(
                "\(name)_cache_bytes", "Bytes of the local disk for what was read.", Double(cache.byteCount))
            collection.counter(
                "\(name)_fetched_bytes_total", "Bytes that queries had fetched.", Double(cache.fetchedBytes))
        }
    }

    private static func register(_ writer: BucketWriter, _ signal: String) {
        MetricRegistry.shared.collect { collection in
            let progress = writer.progress
            let name = "martlet_\(signal)"
            collection.counter("\(name)_uploaded_files_total", "Files that were uploaded.", Double(progress.uploaded))
            collection.counter(
                "\(name)_uploaded_bytes_total", "Bytes of files that were uploaded.", Double(progress.uploadedBytes))
            collection.counter(
                "\(name)_upload_failures_total", "Rounds of uploads that failed.", Double(progress.failures))
            collection.gauge(
                "\(name)_upload_pending_files", "Files that wait to be uploaded.", Double(progress.pending))
            collection.gauge("\(name)_uploaded_live_bytes", "Bytes that queries read.", Double(progress.liveBytes))
            collection.counter(
                "\(name)_removed_objects_total", "Objects that were removed from the object store.",
                Double(progress.removed))
            collection.gauge(
                "\(name)_upload_conflict", "1 while another process writes under this one's name.",
                progress.isInConflict ? 1 : 0)
        }
    }
}
