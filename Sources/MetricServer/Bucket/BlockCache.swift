import Durable
import MartletCore
import MetricStorage
import ObjectStorage
import Service

/// Blocks of a bucket, opened on the local disk with what was read of them: the whole index, and pages of chunks.
///
/// When all of it is more than the limit, the blocks go that were not asked for the longest. Queries that hold a block go
/// on reading it.
actor BlockCache {
    private struct Entry {
        let path: String
        let opening: Task<(block: Block, chunks: BucketChunks), any Error>
        /// Bytes of index and exemplars.
        let indexSize: Int
        /// Pages of chunks; known once it is open.
        var chunks: BucketChunks?
        var lastUse: Int

        var byteCount: Int { indexSize + (chunks?.byteCount ?? 0) }
    }

    private static let piece = 8 << 20

    private let directory: String
    private let store: any ObjectStore
    private let limit: Int
    private let blocking: BlockingPool
    private let fileSystem = DiskFileSystem()
    private var entries: [BlockID: Entry] = [:]
    private var uses = 0

    /// A cache in a directory, whose content from before is removed.
    init(_ directory: String, store: any ObjectStore, limit: Int, blocking: BlockingPool) throws(DurableError) {
        self.directory = directory
        self.store = store
        self.limit = limit
        self.blocking = blocking
        try fileSystem.removeTree(directory)
        try fileSystem.makeDirectories(directory)
    }

    /// Bytes on the local disk.
    var byteCount: Int { entries.values.reduce(0) { $0 + $1.byteCount } }

    /// Opens blocks, those that are not open side by side.
    func open(_ blocks: [BucketBlock]) async throws -> [Block] {
        uses += 1
        let opening = blocks.map { block in
            let id = block.meta.id
            if entries[id] == nil {
                // A directory of its own each time: what an eviction removes is not what is being made.
                let path = FilePath.join(directory, "\(id)-\(uses)")
                entries[id] = Entry(
                    path: path, opening: Task { try await self.fetch(block, into: path) },
                    indexSize: Int(block.indexSize + block.exemplarSize), lastUse: uses)
            }
            entries[id]?.lastUse = uses
            return (id, entries[id]?.opening)
        }
        var opened: [Block] = []
        for case (let id, let task?) in opening {
            do {
                let (block, chunks) = try await task.value
                entries[id]?.chunks = chunks
                opened.append(block)
            } catch {
                // The next query tries again.
                entries[id] = nil
                throw error
            }
        }
        await evict(keeping: Set(blocks.map(\.meta.id)))
        return opened
    }

    private func evict(keeping wanted: Set<BlockID>) async {
        var total = byteCount
        for (id, entry) in entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) where !wanted.contains(id) {
            if total <= limit { break }
            total -= entry.byteCount
            entries[id] = nil
            let (path, fileSystem) = (entry.path, fileSystem)
            // What cannot be removed is cleared away at the next start.
            try? await blocking.run { try fileSystem.removeTree(path) }
        }
    }

    /// Fetches description, index and exemplars, and makes room for the chunks.
    private func fetch(
        _ block: BucketBlock, into path: String
    ) async throws -> (block: Block, chunks: BucketChunks) {
        let chunkPath = FilePath.join(path, Block.chunkDirectory)
        let (fileSystem, sizes, meta) = (fileSystem, block.segmentSizes, block.meta)
        let segments = try await blocking.run {
            try fileSystem.removeTree(path)
            try fileSystem.makeDirectories(chunkPath)
            try meta.publish(in: path, on: fileSystem)
            var segments: [any File] = []
            for (segment, size) in sizes.enumerated() {
                let file = try fileSystem.open(
                    FilePath.join(path, BucketBlock.segmentFile(segment)), .createNew)
                try file.truncate(to: size)
                segments.append(file)
            }
            return segments
        }
        try await fetch(Block.indexFile, of: meta.id, size: block.indexSize, into: path)
        if block.exemplarSize > 0 {
            try await fetch(Block.exemplarFile, of: meta.id, size: block.exemplarSize, into: path)
        }
        let chunks = BucketChunks(block, files: segments, store: store)
        try await chunks.prepare()
        let opened = try await blocking.run { try Block(path, chunksFrom: chunks, on: fileSystem) }
        return (opened, chunks)
    }

    /// Fetches one of a block's files whole.
    private func fetch(_ name: String, of id: BlockID, size: Int64, into path: String) async throws {
        let fileSystem = fileSystem
        let file = try await blocking.run { try fileSystem.open(FilePath.join(path, name), .createNew) }
        var offset: Int64 = 0
        while offset < size {
            let end = min(offset + Int64(Self.piece), size)
            let bytes = try await store.get(BucketBlock.key(id, name), range: offset..<end, limit: Self.piece)
            let at = offset
            try await blocking.run { try file.write(bytes, at: at) }
            offset = end
        }
    }
}
