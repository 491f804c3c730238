package import Durable
package import Logging
package import MartletCore
package import ObjectStorage
import Service
import ServiceLifecycle

/// Knows what all writers of a signal have in the bucket: looks at their manifests now and then, and takes each as a whole.
package final class BucketReader: ServiceLifecycle.Service, Sendable {
    private struct Known {
        /// The newest manifest of each writer, with its name.
        var manifests: [String: (key: String, manifest: Manifest)] = [:]
        /// Manifests that could not be read, each of which was reported.
        var damaged: Set<String> = []
        /// This process' own writer.
        var own: String?
        /// What its next manifest may name beside what it names now, by tenant.
        var coming: [String: [SealedObject]] = [:]
        /// Whether the bucket was seen since the start.
        var isSeen = false
        /// Why it was not, when it was last looked at.
        var failure: String?
    }

    private let bucket: any ObjectStore
    private let signal: String
    let cache: ObjectCache
    private let interval: Duration
    private let whenSeen: @Sendable () -> Void
    private let logger: Logger
    private let known = Lock(Known())

    /// A reader of a signal's manifests; `whenSeen` is called when the bucket was looked at.
    package init(
        _ bucket: any ObjectStore, signal: String, cache: ObjectCache, interval: Duration,
        whenSeen: @escaping @Sendable () -> Void = {}, logger: Logger
    ) {
        self.bucket = bucket
        self.signal = signal
        self.cache = cache
        self.interval = interval
        self.whenSeen = whenSeen
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat {
                await self.refreshOrReport()
            } while (try? await Task.sleep(for: self.interval)) != nil
        }
    }

    /// Looks at the bucket; a failure is logged, the first of several in a row.
    package func refreshOrReport() async {
        do {
            try await refresh()
            let failed = known.withLock { known in
                defer { known.failure = nil }
                return known.failure != nil
            }
            if failed { logger.info("the object store can be read again", metadata: ["store": "\(bucket.label)"]) }
        } catch let error as ObjectError where error.code == .cancelled {
            return
        } catch is CancellationError {
            return
        } catch {
            let isFirst = known.withLock { known in
                defer { known.failure = "\(error)" }
                return known.failure == nil
            }
            logger.log(
                level: isFirst ? .error : .debug, "the object store cannot be read; what was known of it is used",
                metadata: ["store": "\(bucket.label)", "error": "\(error)"])
        }
    }

    /// Takes up manifests that are new, and forgets the writers that have none any more.
    package func refresh() async throws {
        let keys = try await bucket.list(prefix: BucketKeys.manifests(signal)).map(\.key)
        var writers = Dictionary(grouping: keys) { BucketKeys.parse(manifest: $0)?.writer ?? "" }
        writers[""] = nil
        for (writer, keys) in writers { try await take(BucketKeys.newestFirst(keys), of: writer) }
        known.withLock { [writers] known in
            known.manifests = known.manifests.filter { writers[$0.key] != nil || $0.key == known.own }
            known.damaged.formIntersection(keys)
            known.isSeen = true
        }
        whenSeen()
    }

    /// Takes up the newest of a writer's manifests that can be read, where it is not known yet.
    private func take(_ newestFirst: [String], of writer: String) async throws {
        for key in newestFirst {
            let (isKnown, isDamaged) = known.withLock { known in
                // What this process publishes it takes up by itself.
                (writer == known.own || known.manifests[writer]?.key == key, known.damaged.contains(key))
            }
            if isKnown { return }
            if isDamaged { continue }
            do {
                let bytes = try await bucket.get(key, range: nil, limit: Manifest.sizeLimit)
                let manifest = try Manifest(bytes, of: writer)
                return known.withLock { $0.manifests[writer] = (key, manifest) }
            } catch let error as ObjectError where error.code != .tooLarge {
                // A newer one has come meanwhile: the next look finds it.
                if error.code == .notFound { return }
                throw error
            } catch {
                known.withLock { _ = $0.damaged.insert(key) }
                logger.error(
                    "a manifest in the object store is damaged; the one before is used",
                    metadata: ["store": "\(bucket.label)", "manifest": "\(key)", "error": "\(error)"])
            }
        }
    }

    // MARK: This process' own writer

    /// Says which writer is this process': its manifests come by `adopt`.
    func setOwn(_ writer: String) { known.withLock { $0.own = writer } }

    /// Takes up a manifest of this process.
    func adopt(_ manifest: Manifest) {
        known.withLock { known in
            known.manifests[manifest.writer] = ("", manifest)
            known.coming = [:]
        }
    }

    /// Says which objects were uploaded that no manifest of this process names yet.
    func expect(_ objects: [(tenant: String, object: SealedObject)]) {
        let coming = Dictionary(grouping: objects, by: \.tenant).mapValues { $0.map(\.object) }
        known.withLock { $0.coming = coming }
    }

    // MARK: What is known

    /// Whether queries find an object here.
    func holds(_ object: SealedObject, of tenant: String) -> Bool {
        known.withLock { $0.manifests.values.contains { $0.manifest.tenants[tenant]?.live.contains(object) ?? false } }
    }

    /// Tenants of which the bucket has something.
    package var tenants: Set<String> {
        known.withLock { known in
            Set(known.manifests.values.flatMap { $0.manifest.tenants.filter { !$0.value.live.isEmpty }.keys })
        }
    }

    /// Objects that queries read, and writers.
    package var counts: (objects: Int, writers: Int) {
        known.withLock { known in
            (known.manifests.values.reduce(0) { $0 + $1.manifest.liveCount }, known.manifests.count)
        }
    }

    /// The earliest time of anything that the bucket has of a tenant, Unix nanoseconds; nil when it has nothing.
    package func oldestTime(tenant: String) -> Int64? {
        known.withLock { known in
            known.manifests.values.flatMap { $0.manifest.tenants[tenant]?.live ?? [] }.map(\.times.lowerBound).min()
        }
    }

    /// Whether the bucket has, or may have, something of a tenant in a range of times, Unix nanoseconds, that is in none of
    /// this process' files, whose spans are `held`.
    package func hasMore(of tenant: String, in times: ClosedRange<Int64>, than held: Set<SealedSpan>) -> Bool {
        known.withLock { known in
            guard known.isSeen else { return true }
            let coming = known.coming[tenant] ?? []
            return coming.contains { $0.times.overlaps(times) && !held.contains($0.span) }
                || known.manifests.contains { writer, newest in
                    (newest.manifest.tenants[tenant]?.live ?? []).contains { object in
                        object.times.overlaps(times) && !(writer == known.own && held.contains(object.span))
                    }
                }
        }
    }

    /// What other writers say about a tenant beside its objects.
    package func notes(of tenant: String) -> [JSONValue] {
        known.withLock { known in
            known.manifests.filter { $0.key != known.own }.sorted { $0.key < $1.key }
                .compactMap { $0.value.manifest.tenants[tenant]?.note }.filter { !$0.isNull }
        }
    }
}

extension BucketReader: SealedHistory {
    package func files(
        of tenant: String, overlapping times: ClosedRange<Int64>, beside held: [SealedSpan]
    ) throws(DurableError) -> [HistoryFile] {
        let (manifests, own, isSeen, failure) = known.withLock {
            ($0.manifests, $0.own, $0.isSeen, $0.failure)
        }
        // A writer knows from its last run what it has there.
        guard isSeen || own != nil else {
            throw DurableError(
                .io, path: bucket.label, operation: "read",
                message: "the object store has not been read yet; try again later"
                    + (failure.map { " (\($0))" } ?? ""))
        }
        var found: [HistoryFile] = []
        let copies = Set(held)
        for (writer, known) in manifests {
            for object in known.manifest.tenants[tenant]?.live ?? [] where object.times.overlaps(times) {
                if writer == own {
                    // Most that is here is there under the same span; a merge is in one of the places first.
                    if copies.contains(object.span) || held.contains(where: { $0.overlaps(object.span) }) { continue }
                }
                found.append(
                    HistoryFile(
                        key: object.key, writer: writer, span: object.span, size: object.size,
                        file: CachedObject(object, cache: cache)))
            }
        }
        return found.sorted { ($0.span.arrivals.lowerBound, $0.key) < ($1.span.arrivals.lowerBound, $1.key) }
    }

    package func prepare(_ wanted: [(file: HistoryFile, range: Range<Int64>)]) throws(DurableError) {
        try cache.prepare(wanted.compactMap { file, range in (file.file as? CachedObject).map { ($0, range) } })
    }
}
