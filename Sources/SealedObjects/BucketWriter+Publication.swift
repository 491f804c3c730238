import Durable
import Logging
import MartletCore
import ObjectStorage
import Service

/// How manifests come into the bucket: in order, and by one process only.
extension BucketWriter {
    /// Manifests that stay beside the newest one: a reader may be about to fetch them.
    private static let kept = 3

    /// Finds out what the bucket has of this writer, and what a death in the middle of a round has left.
    func takePossession(_ nowMs: Int64) async throws {
        let newest = try await newestManifest()
        var manifest = current
        if let newest {
            if newest != state.published || manifest.sequence != BucketKeys.parse(manifest: newest)?.sequence {
                manifest = try Manifest(
                    try await bucket.get(newest, range: nil, limit: Manifest.sizeLimit), of: state.writer)
            }
        } else if let published = state.published {
            logger.warning(
                "the object store has no manifest of this writer any more; all that is here is uploaded anew",
                metadata: ["store": "\(bucket.label)", "manifest": "\(published)"])
            manifest = Manifest(writer: state.writer)
            manifest.sequence = BucketKeys.parse(manifest: published)?.sequence ?? 0
        }
        let sequences = state.intended.compactMap { BucketKeys.parse(manifest: $0)?.sequence }
        attempted = max(manifest.sequence, sequences.max() ?? 0)
        current = manifest
        reader.adopt(manifest)
        isInPossession = true
        if !state.pending.isEmpty { try await publish(manifest, nowMs: nowMs) }
    }

    /// The newest of this writer's manifests in the bucket. Throws `Conflict` when this process does not know it.
    func newestManifest() async throws -> String? {
        let keys = try await manifests()
        guard let newest = BucketKeys.newest(keys) else { return nil }
        guard newest == state.published || state.intended.contains(newest) else {
            throw Conflict(key: newest, directory: directory)
        }
        return newest
    }

    private func manifests() async throws -> [String] {
        try await bucket.list(prefix: BucketKeys.manifests(signal, writer: state.writer)).map(\.key)
    }

    /// Publishes a manifest whose objects are all in the bucket.
    func publish(_ manifest: Manifest, nowMs: Int64) async throws {
        _ = try await newestManifest()
        var manifest = manifest
        // A number is never used twice, also when it is not known what has become of the manifest that had it.
        attempted = max(attempted, current.sequence) + 1
        manifest.sequence = attempted
        manifest.published = nowMs
        // Objects that were on their way when something failed, and that nothing names: they go after the grace.
        let named = Set(manifest.tenants.values.flatMap { $0.live.map(\.key) } + manifest.replaced.map(\.key))
        manifest.replaced += state.pending.filter { !named.contains($0) }.map { .init(key: $0, since: nowMs) }
        let bytes = try manifest.encoded()
        let key = BucketKeys.manifest(signal, writer: state.writer, sequence: attempted, session: session)
        var fresh = state
        fresh.intended.append(key)
        try await keep(fresh)
        try await bucket.put(key, bytes)
        let keys = try await manifests()
        guard BucketKeys.newest(keys) == key else {
            // Another process was at it at the same moment, and its manifest counts.
            try await bucket.delete(key)
            throw Conflict(key: BucketKeys.newest(keys) ?? key, directory: directory)
        }
        fresh.published = key
        fresh.intended = []
        fresh.pending = []
        let (directory, fileSystem) = (directory, fileSystem)
        try await blocking.run {
            try AtomicFile.publish(FilePath.join(directory, WriterState.manifestName), bytes, on: fileSystem)
        }
        try await keep(fresh)
        current = manifest
        reader.adopt(manifest)
        for old in BucketKeys.newestFirst(keys).dropFirst(1 + Self.kept) {
            guard try await remove(old) else { break }
        }
    }
}
