package import Durable
import Logging
import MartletCore
import Synchronization

extension MetricStore {
    /// The blocks, by time. They stay readable while they are held, though their files may go.
    package var openBlocks: [Block] { directory.blocks }

    /// Blocks that were removed since the start because nothing was left in them: deleted, or expired by a rule.
    package var emptiedBlocks: Set<BlockID> { emptied.withLock { $0 } }

    /// Takes new rules of retention, which the next maintenance applies.
    package func setRetentionRules(_ rules: [RetentionRule]) { retentionRules.withLock { $0 = rules } }

    /// Removes blocks, which are kept elsewhere.
    package func removeLocally(_ ids: Set<BlockID>) throws(DurableError) {
        try maintenance.withLock { (_) throws(DurableError) in
            try lock.check("remove blocks of")
            try directory.replace(directory.blocks.filter { ids.contains($0.meta.id) }, with: nil)
        }
    }

    /// What the rules say now.
    var expiry: SeriesExpiry {
        guard let end = directory.blocks.map(\.meta.maxTime).max() else { return SeriesExpiry() }
        return SeriesExpiry(retentionRules.withLock { $0 }, end: end)
    }

    /// Writes the blocks anew that have series whose samples are all expired by the rules. Under the maintenance lock.
    func removeExpiredSeries(_ nowMs: Int64) throws(DurableError) {
        let expiry = expiry
        for block in directory.blocks where !block.meta.failed && !stopping.load(ordering: .relaxed) {
            do throws(DurableError) {
                guard try expiry.hasExpired(in: block) else { continue }
                var meta = block.meta
                meta.id = newBlockID(nowMs)
                meta.parents = [.init(id: block.meta.id, minTime: meta.minTime, maxTime: meta.maxTime)]
                try merge([block], into: meta)
            } catch  where error.code == .closed {
                return
            } catch  where error.code == .corrupt {
                logger.error(
                    "expired series cannot be taken out of a block: it stays as it is",
                    metadata: ["block": "\(block.meta.id)", "error": "\(error)"])
                try block.update(on: fileSystem) { meta, _ in meta.failed = true }
            }
        }
    }
}
