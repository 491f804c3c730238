import Delivery
package import Durable
package import Logging
package import MartletCore
package import ObjectStorage
package import Service
import ServiceLifecycle

/// Copies what a store has sealed to the bucket, says in manifests what is there, removes there what was replaced or is past
/// retention, and here what may go.
///
/// An object is uploaded before the manifest that names it, and removed a grace after the manifest that does not any more: so
/// readers find whatever the newest manifest names, and a death between any two steps leaves objects without a name in a
/// manifest at most, which their writer remembers and removes. Nothing goes here before the manifest that names it is
/// published.
package actor BucketWriter: ServiceLifecycle.Service {
    /// How it is done.
    package struct Options: Sendable {
        /// Files that are in the bucket go here this long after their last arrival; 0 keeps them.
        package var localRetention: Duration = .zero
        /// Objects go from the bucket when they are so old; nil keeps them.
        package var retention: Duration?
        /// What their age counts from.
        package var age = AgeOrigin.arrival
        /// Objects that are not live any more stay for this long: readers may have an older manifest.
        package var grace: Duration = .seconds(2 * 3600)
        /// Pause between two rounds.
        package var interval: Duration = .seconds(30)
        /// The longest pause after failures.
        package var longestPause: Duration = .seconds(300)
        /// Pause between two manifests that differ in nothing but how far everything is sealed.
        package var heartbeat: Duration = .seconds(60)
        /// Bytes of files that are uploaded before the next manifest names them.
        package var batchBytes: Int64 = 1 << 30

        /// Keeps everything, here and there.
        package init() {}
    }

    /// Another process writes under the same name: one of the two runs from a copy of the other's directory.
    package struct Conflict: Error, CustomStringConvertible {
        let key: String
        let directory: String

        package var description: String {
            "the object store has a manifest \(key) that this process did not write: another one runs from a copy of "
                + "\(directory); stop it, or remove \(directory) here to write under a new name"
        }
    }

    /// What has become of the uploads so far.
    package struct Progress: Sendable, Equatable {
        package var uploaded = 0
        package var uploadedBytes: Int64 = 0
        /// Rounds that failed.
        package var failures = 0
        /// Files that wait.
        package var pending = 0
        /// Objects of this writer that queries read, and their bytes.
        package var live = 0
        package var liveBytes: Int64 = 0
        /// Objects that were removed from the bucket.
        package var removed = 0
        /// Whether another process writes under the same name.
        package var isInConflict = false
    }

    let store: any SealedStore
    let signal: String
    let bucket: any ObjectStore
    let reader: BucketReader
    let directory: String
    let options: Options
    let blocking: BlockingPool
    let logger: Logger
    let fileSystem: any FileSystem
    /// What the signal has to say about tenants, for readers.
    private let notes: @Sendable () -> [String: JSONValue]
    /// Tells this process' manifests from those of others under the same name.
    let session = BucketKeys.random()
    var state: WriterState
    var current: Manifest
    /// Whether the bucket was found as this writer had left it.
    var isInPossession = false
    /// The highest number that a manifest of this process may have got.
    var attempted = 0
    /// Objects that were uploaded, and that no manifest names which is known to be published.
    var unnamed: [(tenant: String, object: SealedObject)] = []
    /// Paths of files that this round could not read, or found gone.
    var setAside: Set<String> = []
    /// What went wrong in this round and kept nothing else from being done.
    private var hindrance: (any Error)?
    private var failures = 0
    let counts = Lock(Progress())

    /// A writer of what `store` seals; what it knows of itself lies in `directory`. Blocks on the disk.
    ///
    /// - Parameter notes: what readers are to know of each tenant beside its objects.
    package init(
        _ store: any SealedStore, signal: String, to bucket: any ObjectStore, reader: BucketReader, directory: String,
        options: Options, notes: @escaping @Sendable () -> [String: JSONValue] = { [:] }, blocking: BlockingPool,
        logger: Logger, on fileSystem: any FileSystem = DiskFileSystem()
    ) throws {
        self.store = store
        self.signal = signal
        self.bucket = bucket
        self.reader = reader
        self.directory = directory
        self.options = options
        self.notes = notes
        self.blocking = blocking
        self.logger = logger
        self.fileSystem = fileSystem
        try fileSystem.makeDirectories(directory)
        let state = try WriterState(directory: directory, on: fileSystem)
        // The name must be there before anything is written under it.
        try state.publish(in: directory, on: fileSystem)
        // What was being uploaded when the process ended.
        try fileSystem.removeTree(FilePath.join(directory, Self.stagingName))
        self.state = state
        let known = try WriterState.manifest(directory: directory, on: fileSystem)
        current = known ?? Manifest(writer: state.writer)
        reader.setOwn(state.writer)
        if let known { reader.adopt(known) }
    }

    /// What has become of the uploads so far.
    package nonisolated var progress: Progress { counts.withLock { $0 } }

    /// Rounds, with growing pauses after failures.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat {
                await self.roundOrReport()
            } while (try? await Task.sleep(for: self.pause())) != nil
        }
    }

    private func pause() -> Duration {
        guard failures > 0 else { return options.interval }
        var random = SystemRandomNumberGenerator()
        let policy = RetryPolicy(
            initial: options.interval, maximum: max(options.interval, options.longestPause))
        return policy.delay(failures: failures, retryAfter: nil, using: &random)
    }

    /// A round whose failure is logged: the first of several in a row, and the end of them.
    package func roundOrReport() async {
        do {
            try await round(nowMs: WallClock.milliseconds)
            if failures > 0 {
                logger.info("uploads to the object store go on", metadata: ["store": "\(bucket.label)"])
            }
            failures = 0
        } catch let error as ObjectError where error.code == .cancelled {
            return
        } catch is CancellationError {
            return
        } catch {
            failures += 1
            let isConflict = error is Conflict
            counts.withLock { counts in
                counts.failures += 1
                counts.isInConflict = isConflict
            }
            logger.log(
                level: failures == 1 ? .error : .debug,
                isConflict
                    ? "nothing is uploaded: two processes write to the object store under one name"
                    : "uploading to the object store failed; files stay here, and it is tried again",
                metadata: ["store": "\(bucket.label)", "error": "\(error)"])
        }
    }

    // MARK: A round

    /// Uploads what is new, publishes what has changed, and removes what is due.
    package func round(nowMs: Int64) async throws {
        (setAside, hindrance) = ([], nil)
        if !isInPossession { try await takePossession(nowMs) }
        while try await step(nowMs) {}
        try await removeLocally(nowMs)
        let manifest = current
        counts.withLock { counts in
            counts.live = manifest.liveCount
            counts.liveBytes = manifest.liveBytes
            counts.isInConflict = false
        }
        if let hindrance { throw hindrance }
    }

    /// Notes a failure that the round ends with, after everything else.
    func hinder(_ error: any Error) { hindrance = hindrance ?? error }

    /// Uploads a batch and publishes what has become of it; whether there is more.
    private func step(_ nowMs: Int64) async throws -> Bool {
        let store = store
        let nowNs = Self.nanoseconds(nowMs)
        let sealed = try await blocking.run { try store.sealed(now: nowNs) }
        let oldest = options.retention.map { Self.nanoseconds(nowMs &- Self.milliseconds($0)) } ?? .min
        let there = unnamed
        let waiting = Self.waiting(sealed, beside: current, oldest: oldest, age: options.age).filter { wanted in
            !there.contains { $0.tenant == wanted.tenant && $0.object.span == wanted.file.span }
        }
        counts.withLock { $0.pending = waiting.count }
        // Where a manifest could not be published, what it was to name comes first.
        let ready = there.isEmpty ? waiting.filter { !setAside.contains($0.file.path) } : []
        let batch = Self.batch(of: ready, bytes: options.batchBytes)
        // Where another process writes under this name, nothing more goes there.
        if !batch.isEmpty { _ = try await newestManifest() }
        let failure = try await upload(batch)
        // In this order: whoever is not told of deleted lines any more is told of files without them.
        reader.expect(unnamed)
        let notes = notes()
        let held = unnamed.isEmpty ? sealed : try await blocking.run { try store.sealed(now: nowNs) }
        // A file that was merged or written again meanwhile is not what it was: the one in its place comes in the next round.
        let objects = unnamed.filter { tenant, object in
            held[tenant].map { !$0.hasReplaced(object.span) } ?? false
        }
        var next = current
        for (tenant, object) in objects { next.add(object, tenant: tenant, nowMs: nowMs) }
        for (tenant, state) in held { next.end(state.gone, tenant: tenant, nowMs: nowMs) }
        next.expire(before: oldest, age: options.age, nowMs: nowMs)
        if objects.count == there.count + waiting.count {
            for (name, state) in sealed { next.tenants[name, default: .init()].sealedUntil = state.sealedUntil }
        }
        for name in Set(sealed.keys).union(next.tenants.keys) {
            next.tenants[name, default: .init()].note = notes[name] ?? .null
        }
        for (name, tenant) in next.tenants where tenant.live.isEmpty && sealed[name] == nil { next.tenants[name] = nil }
        try await removeReplaced(&next, nowMs)
        let hasChanged = next.replaced != current.replaced || Self.content(next) != Self.content(current)
        let isDue = next != current && nowMs &- current.published >= Self.milliseconds(options.heartbeat)
        if hasChanged || isDue { try await publish(next, nowMs: nowMs) }
        // What was left out of it is among the names that go after the grace.
        unnamed = []
        for (tenant, state) in held where !state.gone.isEmpty { store.forget(state.gone, tenant: tenant) }
        // What was uploaded before the failure is not uploaded again.
        if let failure { throw failure }
        return there.isEmpty ? batch.count < ready.count : !waiting.isEmpty
    }

    /// What makes a new manifest worth publishing at once.
    private static func content(_ manifest: Manifest) -> [String: Manifest.Tenant] {
        manifest.tenants.compactMapValues { tenant in
            var tenant = tenant
            tenant.sealedUntil = 0
            return tenant == Manifest.Tenant.unsealed ? nil : tenant
        }
    }

    /// A file that is to be uploaded.
    struct Wanted: Sendable, Equatable {
        let tenant: String
        let file: SealedFile
    }

    /// Files that the bucket has not, the oldest first.
    static func waiting(
        _ sealed: [String: SealedState], beside manifest: Manifest, oldest: Int64, age: AgeOrigin
    ) -> [Wanted] {
        sealed.flatMap { tenant, state in
            let live = manifest.tenants[tenant]?.live.map(\.span) ?? []
            let known = Set(live)
            return state.files.filter { file in
                !known.contains(file.span) && age.last(file.span, file.times) >= oldest
                    && !live.contains { $0.covers(file.span) }
            }.map { Wanted(tenant: tenant, file: $0) }
        }.sorted {
            ($0.file.span.arrivals.upperBound, $0.tenant, $0.file.path)
                < ($1.file.span.arrivals.upperBound, $1.tenant, $1.file.path)
        }
    }

    /// Files of a batch at most.
    private static let batchFiles = 256

    private static func batch(of waiting: [Wanted], bytes: Int64) -> ArraySlice<Wanted> {
        var sum: Int64 = 0
        return waiting.prefix(batchFiles).prefix { wanted in
            defer { sum += wanted.file.size }
            return sum == 0 || sum + wanted.file.size <= bytes
        }
    }

    static func nanoseconds(_ milliseconds: Int64) -> Int64 {
        let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? (milliseconds < 0 ? .min : .max) : product
    }

    static func milliseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? (seconds < 0 ? .min / 2 : .max / 2) : product &+ attoseconds / 1_000_000_000_000_000
    }

    // MARK: Removal

    /// Removes what has not been live for the grace, by a manifest that is published. What cannot be removed stays named.
    private func removeReplaced(_ next: inout Manifest, _ nowMs: Int64) async throws {
        let published = Set(current.replaced.map(\.key))
        var gone: Set<String> = []
        for object in next.replaced
        where published.contains(object.key) && nowMs &- object.since >= Self.milliseconds(options.grace) {
            guard try await remove(object.key) else { break }
            gone.insert(object.key)
            counts.withLock { $0.removed += 1 }
        }
        next.replaced.removeAll { gone.contains($0.key) }
    }

    /// Removes an object. A failure keeps nothing else from being done: who may not remove may well write.
    func remove(_ key: String) async throws -> Bool {
        do throws(ObjectError) {
            try await bucket.delete(key)
            return true
        } catch {
            if error.code == .cancelled { throw error }
            hinder(error)
            return false
        }
    }

    /// Removes local files that the bucket has, the oldest first and never the newest.
    private func removeLocally(_ nowMs: Int64) async throws {
        guard options.localRetention > .zero else { return }
        let (store, manifest, reader) = (store, current, reader)
        let age = Self.milliseconds(options.localRetention)
        let removed = try await blocking.run {
            var removed = 0
            for (tenant, state) in try store.sealed(now: Self.nanoseconds(nowMs)) {
                let due = state.files.dropLast().prefix { file in
                    nowMs &- file.span.arrivals.upperBound / 1_000_000 >= age
                        && manifest.copy(of: file, tenant: tenant).map { reader.holds($0, of: tenant) } ?? false
                }
                if due.isEmpty { continue }
                try store.removeLocally(Array(due), tenant: tenant)
                removed += due.count
            }
            return removed
        }
        if removed > 0 {
            logger.info(
                "files that are in the object store were removed here",
                metadata: ["files": "\(removed)", "signal": "\(signal)"])
        }
    }
}

extension Manifest.Tenant {
    /// A tenant of which there is nothing to tell.
    static var unsealed: Self {
        var tenant = Self()
        tenant.sealedUntil = 0
        return tenant
    }
}
