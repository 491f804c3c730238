import Durable
import Logging
import MartletCore

extension MetricStore {
    /// One round of housekeeping, to be called about once a minute with the current time: what is old in the head
    /// becomes a block and leaves the log, blocks are merged, and those beyond the retention go. Says so in the log.
    ///
    /// A step that fails keeps no other from being done, since a full disk needs those that free some of it; the first
    /// failure is thrown at the end.
    package func maintain(nowMs: Int64) throws {
        try maintenance.withLock { state in
            try lock.check("maintain")
            try directory.reload()
            var failure: (any Error)?
            func attempt(_ step: () throws -> Void) {
                do { try step() } catch { failure = failure ?? error }
            }
            attempt { try cutBlocks(nowMs) }
            closeSilentChunks()
            attempt { try cutOutOfOrder(&state, nowMs) }
            attempt { try rewriteMetadata() }
            attempt { try truncateLog(&state) }
            attempt { try removeExpired() }
            attempt { try removeExpiredSeries(nowMs) }
            attempt { try compact(nowMs) }
            if let failure { throw failure }
        }
    }

    /// Whether a block is due: old samples that come faster than time passes are not to wait for the next minute.
    package var isBlockDue: Bool { head.withLock { $0.head.dueCut() != nil || $0.head.hasMuchOutOfOrder } }

    /// An id for a block that is made now.
    func newBlockID(_ nowMs: Int64) -> BlockID {
        var random = SystemRandomNumberGenerator()
        return BlockID(timeMs: nowMs, random: &random)
    }

    // MARK: From the head to blocks

    /// Writes the blocks that are due and lets the head forget their samples.
    private func cutBlocks(_ nowMs: Int64) throws(DurableError) {
        while let times = head.withLock({ $0.head.dueCut() }) {
            let meta = BlockMeta(id: newBlockID(nowMs), times: times)
            var cut = HeadCut(head, times.lowerBound...times.upperBound - 1)
            let isWritten = try cut.write(meta, in: path, on: fileSystem)
            // The block is there for queries before the head forgets: they look at the head first.
            if isWritten { try directory.add(meta.id) }
            let stored = isWritten ? cut.withExemplars : []
            head.withLock { box in
                for ref in stored { box.head.exemplars.markStored(ref, to: times.upperBound - 1) }
                box.head.drop(before: times.upperBound)
                if !isWritten { box.head.findOldest() }
                box.account(budget)
            }
            try chunkFiles.remove(before: head.withLock { $0.head.arena.firstSlab })
            guard isWritten else { continue }
            logger.info(
                "block written",
                metadata: [
                    "block": "\(meta.id)", "from": "\(TimestampMs(times.lowerBound))",
                    "to": "\(TimestampMs(times.upperBound))",
                ])
        }
    }

    /// Closes the chunks of series that have fallen silent: with series that come and go those are most. The head's lock
    /// is held for some thousand series at a time.
    private func closeSilentChunks() {
        let portion: UInt32 = 4096
        var next: UInt32 = 0
        while head.withLock({ $0.head.closeSilent(from: next, count: portion) }) { next += portion }
        head.withLock { $0.account(budget) }
        writeChunks(all: false)
    }

    /// Takes what the blocks have out of the log: writes a checkpoint for the older two thirds of its segments and
    /// removes them, as Prometheus does.
    private func truncateLog(_ state: inout Maintenance) throws {
        let (floor, dropped) = head.withLock { ($0.head.minTime, $0.head.seriesDropped) }
        guard floor > state.truncatedBefore else { return }
        // What a checkpoint stands for may still be there: the process, or the removal, ended before it was gone.
        if let published = try CheckpointName.list(log.directory, on: fileSystem).last {
            try CheckpointName.removeLog(log, upTo: published, on: fileSystem)
        }
        let held = logHold.withLock { $0 }?()
        // As long as the oldest segment stays, no new one is begun, or there would be one every minute; but the one that is
        // being written must end before it can go.
        if let held, let oldest = try log.segments().first, held <= oldest, held < log.end.segment { return }
        let current = try log.cut()
        guard let first = try log.segments().first(where: { $0 < current }) else { return }
        let wanted = first + (current - 1 - first) * 2 / 3
        let last = held.map { min(wanted, $0 - 1) } ?? wanted
        guard last >= first else { return }
        let known = state
        // A reader that is behind may meet samples of series that the head has dropped since.
        let keepsAll = held.map { $0 < current - 1 } ?? false
        let checkpoint = Checkpoint(
            directory: log.directory, fileSystem: fileSystem, compression: options.compression,
            keeps: { raw in
                if keepsAll { return true }
                guard let number = UInt32(exactly: raw) else { return false }
                let ref = known.aliases[raw] ?? SeriesRef(raw: number)
                return self.head.withLock { $0.head.table.contains(ref) }
            }, minTime: floor)
        try checkpoint.write(upTo: last)
        try CheckpointName.removeLog(log, upTo: last, on: fileSystem)
        state.truncatedBefore = floor
        logger.info(
            "write-ahead log truncated: blocks have the samples before this time",
            metadata: [
                "before": "\(TimestampMs(floor))", "segments_removed": "\(last - first + 1)",
                "series_dropped_so_far": "\(dropped)",
            ])
    }

    // MARK: Retention

    private func removeExpired() throws {
        let retention = Retention(ms: options.retentionMs, sizeLimit: options.sizeLimit)
        let all = directory.blocks
        let expired = Set(
            retention.expired(
                all.map { ($0.meta, $0.byteCount) }, otherBytes: options.sizeLimit > 0 ? try logSize() : 0))
        guard !expired.isEmpty else { return }
        try directory.replace(all.filter { expired.contains($0.meta.id) }, with: nil)
        logger.info(
            "blocks beyond the retention were removed",
            metadata: ["blocks": "\(expired.map(\.description).sorted().joined(separator: " "))"])
    }

    private func logSize() throws -> Int {
        var total = 0
        for segment in try log.segments() {
            total += Int(try fileSystem.status(log.path(ofSegment: segment)).size)
        }
        for checkpoint in try CheckpointName.list(log.directory, on: fileSystem) {
            let path = FilePath.join(log.directory, CheckpointName.format(checkpoint))
            for name in try fileSystem.list(path) {
                total += Int(try fileSystem.status(FilePath.join(path, name)).size)
            }
        }
        return total
    }
}
