import Durable
import Logging
import MartletCore
import MetricStorage
import ObjectStorage
import Service
import ServiceLifecycle

/// Copies new blocks to the object store, removes there what they replace, and removes here what may go.
///
/// What was uploaded is kept in a file of the data directory. A block counts as uploaded when its description, which goes
/// last, is in the bucket. Nothing goes here before it is there.
final class BlockUploads: ServiceLifecycle.Service {
    /// How it is done.
    struct Options: Sendable {
        /// Only the blocks of the head, for somebody else's compactor.
        var levelOneOnly = false
        /// Blocks that are in the bucket go here this much before the newest; 0 keeps them.
        var localRetentionMs: Int64 = 0
        /// Blocks of this writer go from the bucket this much before the newest.
        var retentionMs = Int64.max
        /// Replaced blocks stay in the bucket for this long: readers may not know yet what replaced them.
        var graceMs: Int64 = 2 * 3600 * 1000
        /// Pause between two rounds.
        var interval = Duration.seconds(30)
    }

    /// What has become of the uploads so far.
    struct Progress: Sendable, Equatable {
        var uploaded = 0
        var failures = 0
        /// Blocks that wait.
        var pending = 0
        /// Blocks of this writer in the bucket.
        var kept = 0
    }

    private let store: MetricStore
    private let bucket: any ObjectStore
    private let history: BucketHistory
    private let options: Options
    private let labels: Lock<[(name: String, value: String)]>
    private let blocking: BlockingPool
    private let logger: Logger
    private let fileSystem = DiskFileSystem()
    private let state: Lock<UploadState>
    private let counts = Lock(Progress())
    /// Blocks whose deletions stay beside them also when they are written anew.
    private let uncleanable = Lock<Set<BlockID>>([])

    /// Uploads of a store's blocks to a bucket, whose `history` queries see.
    init(
        _ store: MetricStore, to bucket: any ObjectStore, history: BucketHistory, options: Options,
        labels: [(name: String, value: String)], blocking: BlockingPool, logger: Logger
    ) throws(DurableError) {
        self.store = store
        self.bucket = bucket
        self.history = history
        self.options = options
        self.labels = Lock(labels)
        self.blocking = blocking
        self.logger = logger
        state = Lock(try UploadState(directory: store.path, on: DiskFileSystem()))
        if options.levelOneOnly {
            store.holdCompaction { [weak self] meta in
                guard let self else { return false }
                return meta.level == 1 && !self.state.withLock { $0.holds(meta) }
            }
        }
    }

    /// What has become of the uploads so far.
    var progress: Progress { counts.withLock { $0 } }

    /// All samples before this time are in the bucket; the minimum when there is no such time.
    var sealedBefore: Int64 {
        // The store first: what is uploaded meanwhile counts as well.
        store.sealedBefore { meta in state.withLock { $0.holds(meta) } }
    }

    /// Takes the labels of a new configuration, for blocks that are uploaded from now on.
    func setLabels(_ labels: [(name: String, value: String)]) { self.labels.withLock { $0 = labels } }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat {
                await self.round(nowMs: WallClock.milliseconds)
            } while (try? await Task.sleep(for: self.options.interval)) != nil
        }
    }

    /// Uploads what is new and removes what is due. Failures are logged, and tried again with the next round.
    func round(nowMs: Int64) async {
        do {
            let waiting = pending
            counts.withLock { $0.pending = waiting.count }
            for block in waiting {
                try await upload(block)
                counts.withLock {
                    $0.uploaded += 1
                    $0.pending -= 1
                }
            }
            if !options.levelOneOnly { try await removeFromBucket(nowMs) }
            try await removeLocally(nowMs)
        } catch let error as ObjectError where error.code == .cancelled {
            return
        } catch is CancellationError {
            return
        } catch {
            counts.withLock { $0.failures += 1 }
            logger.error(
                "uploading blocks failed; they stay here, and it is tried again",
                metadata: ["store": "\(bucket.label)", "error": "\(error)"])
        }
        counts.withLock { $0.kept = state.withLock { $0.blocks.count } }
    }

    /// Blocks that the bucket must have and has not, the oldest first.
    private var pending: [Block] {
        let state = state.withLock { $0 }
        return store.openBlocks.filter { block in
            let meta = block.meta
            return state.blocks[meta.id] == nil && (!options.levelOneOnly || meta.level == 1)
        }
    }

    private func upload(_ block: Block) async throws {
        let meta = block.meta
        let description = BucketBlock.key(meta.id, BlockMeta.fileName)
        // It may be there from before a kill.
        if try await !bucket.exists(description) {
            do {
                let files = try await files(of: block)
                for file in files {
                    try await bucket.put(
                        BucketBlock.key(meta.id, file.name), file: FilePath.join(block.directory, file.name))
                }
                let labels = labels.withLock { $0 }
                try await bucket.put(description, ThanosDescription.bytes(meta, labels: labels, files: files))
            } catch {
                // A compaction may have taken the block's place meanwhile: then that is uploaded in the next round.
                guard store.openBlocks.contains(where: { $0.meta.id == meta.id }) else { return }
                throw error
            }
        }
        try await change { $0.add(meta) }
        logger.info("block uploaded", metadata: ["block": "\(meta.id)", "store": "\(bucket.label)"])
    }

    /// The files of a block in the bucket but for its description, with their sizes.
    private func files(of block: Block) async throws -> [(name: String, size: Int64)] {
        let (directory, fileSystem) = (block.directory, fileSystem)
        return try await blocking.run {
            let segments = try fileSystem.list(FilePath.join(directory, Block.chunkDirectory))
            var names = segments.map { FilePath.join(Block.chunkDirectory, $0) } + [Block.indexFile]
            if try fileSystem.exists(FilePath.join(directory, Block.exemplarFile)) { names.append(Block.exemplarFile) }
            return try names.map { ($0, try fileSystem.status(FilePath.join(directory, $0)).size) }
        }
    }

    private func removeFromBucket(_ nowMs: Int64) async throws {
        let local = Set(store.blocks.map(\.id))
        var marked = state.withLock { $0 }
        marked.markReplaced(local: local, nowMs: nowMs)
        marked.markEmptied(store.emptiedBlocks)
        if marked != state.withLock({ $0 }) { try await change { [marked] in $0 = marked } }
        for id in marked.due(nowMs: nowMs, graceMs: options.graceMs, retentionMs: options.retentionMs)
        where !local.contains(id) {
            // The description first: without it nobody takes the rest for a block.
            try await bucket.delete(BucketBlock.key(id, BlockMeta.fileName))
            for object in try await bucket.list(prefix: "\(id)/") { try await bucket.delete(object.key) }
            try await change { $0.remove(id) }
            logger.info("block removed from the object store", metadata: ["block": "\(id)"])
        }
    }

    private func removeLocally(_ nowMs: Int64) async throws {
        let (store, blocking) = (store, blocking)
        let blocks = store.blocks
        let state = state.withLock { $0 }
        // What was deleted after the upload shows in the bucket when the block is written anew.
        let known = uncleanable.withLock { $0 }
        let isDue = blocks.contains {
            $0.stats.tombstones > 0 && state.blocks[$0.id] != nil && !known.contains($0.id)
        }
        if isDue, !options.levelOneOnly {
            try await blocking.run { try store.cleanTombstones(nowMs: nowMs) }
            let left = store.blocks.filter { $0.stats.tombstones > 0 }.map(\.id)
            uncleanable.withLock { $0.formUnion(left) }
            return
        }
        guard options.localRetentionMs > 0, let newest = blocks.map(\.maxTime).max() else { return }
        let due = Set(
            blocks.filter { meta in
                let (age, overflow) = newest.subtractingReportingOverflow(meta.maxTime)
                guard overflow || age >= options.localRetentionMs else { return false }
                // The bucket does not know of deletions.
                return meta.stats.tombstones == 0 && state.holds(meta) && history.holds(meta)
            }.map(\.id))
        guard !due.isEmpty else { return }
        try await blocking.run { try store.removeLocally(due) }
        logger.info(
            "blocks that are in the object store were removed here",
            metadata: ["blocks": "\(due.map(\.description).sorted().joined(separator: " "))"])
    }

    /// Changes what is known of the uploads, on disk first.
    private func change(_ body: @escaping @Sendable (inout UploadState) -> Void) async throws {
        let (path, fileSystem) = (store.path, fileSystem)
        var changed = state.withLock { $0 }
        body(&changed)
        let fresh = changed
        try await blocking.run { try fresh.publish(in: path, on: fileSystem) }
        state.withLock { $0 = fresh }
    }
}
