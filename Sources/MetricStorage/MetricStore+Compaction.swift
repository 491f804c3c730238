import Durable
import Logging
import MartletCore
import Synchronization

extension MetricStore {
    /// Merges blocks until the plan is content or the store is told to stop. Under the maintenance lock.
    func compact(_ nowMs: Int64) throws(DurableError) {
        let plan = CompactionPlan(retentionMs: options.retentionMs)
        while !stopping.load(ordering: .relaxed) {
            let hold = compactionHold.withLock { $0 }
            let free = directory.blocks.map(\.meta).filter { !(hold?($0) ?? false) }
            let chosen = Set(plan.next(free).map(\.id))
            guard !chosen.isEmpty else { return }
            let sources = directory.blocks.filter { chosen.contains($0.meta.id) }
            do throws(DurableError) {
                try merge(sources, into: Self.meta(merging: sources.map(\.meta), newBlockID(nowMs)))
            } catch  where error.code == .closed {
                return
            } catch  where error.code == .corrupt {
                logger.error(
                    "blocks cannot be compacted: they stay as they are",
                    metadata: ["blocks": "\(Self.names(sources))", "error": "\(error)"])
                for block in sources { try block.update(on: fileSystem) { meta, _ in meta.failed = true } }
            }
        }
    }

    /// Leaves blocks out of compaction for as long as `hold` says so of them.
    package func holdCompaction(of hold: @escaping @Sendable (BlockMeta) -> Bool) {
        compactionHold.withLock { $0 = hold }
    }

    /// Writes the blocks' samples as one new block, which takes their place. Under the maintenance lock.
    func merge(_ sources: [Block], into meta: BlockMeta) throws(DurableError) {
        let isWritten = try BlockMerge.write(
            sources, as: meta, expiry: expiry, in: path, on: fileSystem,
            report: { error in
                self.logger.warning(
                    "exemplars cannot be read and are left out of a compaction", metadata: ["error": "\(error)"])
            }, isCancelled: { self.stopping.load(ordering: .relaxed) })
        // With nothing left there is no block to name these as its parents: they say of themselves that they may go.
        if !isWritten {
            for block in sources { try block.update(on: fileSystem) { meta, _ in meta.deletable = true } }
        }
        try directory.replace(sources, with: isWritten ? meta.id : nil)
        if !isWritten { emptied.withLock { $0.formUnion(sources.map(\.meta.id)) } }
        logger.info(
            isWritten ? "blocks compacted" : "blocks without samples removed",
            metadata: ["blocks": "\(Self.names(sources))", "into": "\(isWritten ? "\(meta.id)" : "")"])
    }

    /// The description of what comes from merging blocks.
    private static func meta(merging blocks: [BlockMeta], _ id: BlockID) -> BlockMeta {
        let start = blocks.map(\.minTime).min() ?? 0
        var meta = BlockMeta(id: id, times: start..<max(start, blocks.map(\.maxTime).max() ?? start))
        meta.level = (blocks.map(\.level).max() ?? 0) + 1
        meta.sources = Set(blocks.flatMap(\.sources)).sorted()
        meta.parents = blocks.map { .init(id: $0.id, minTime: $0.minTime, maxTime: $0.maxTime) }
        // Where only a block of out-of-order samples reaches to the end, the end says nothing about the head's begin.
        let latest = blocks.max { $0.maxTime < $1.maxTime }?.maxTime
        let isFromHead = blocks.contains { $0.maxTime == latest && !$0.isOutOfOrder }
        if !isFromHead { meta.hints = [BlockMeta.outOfOrder] }
        return meta
    }

    private static func names(_ blocks: [Block]) -> String {
        blocks.map(\.meta.id.description).joined(separator: " ")
    }
}
