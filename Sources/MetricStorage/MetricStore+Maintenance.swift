import Durable
import Logging
import MartletCore

extension MetricStore {
    /// The log is rewritten only when this much more of it is stale.
    private static let truncationStepMs: Int64 = 30 * 60 * 1000

    /// One round of housekeeping, to be called about once a minute with the current time: the oldest samples go when
    /// they are too old or too many, and with them the part of the log that held them. Says so in the log.
    package func maintain(nowMs: Int64) throws {
        let retained = nowMs.subtractingReportingOverflow(options.retentionMs).partialValue
        let logBytes = try logSize()
        let (floor, forced) = head.withLock { box -> (Int64, Bool) in
            var forced = false
            while box.head.memory > options.sizeLimit, box.head.dropOldestSlab() != nil { forced = true }
            if logBytes > options.sizeLimit, box.head.maxTime != .min {
                // A quarter of what is there goes.
                let from = max(box.head.minTime, retained)
                box.head.drop(before: from + max(0, box.head.maxTime - from) / 4)
                forced = true
            }
            return (max(retained, box.head.minTime), forced)
        }
        let dropped = head.withLock { box -> Int in
            box.head.drop(before: floor)
            box.account(budget)
            return box.head.seriesDropped
        }
        if forced {
            logger.warning(
                "the oldest samples were dropped: they take more than the size limit",
                metadata: ["before": "\(TimestampMs(floor))", "limit_bytes": "\(options.sizeLimit)"])
        }
        try maintenance.withLock { state in
            if dropped > state.seriesDropped {
                logger.info(
                    "series without recent samples were dropped",
                    metadata: ["series": "\(dropped - state.seriesDropped)", "before": "\(TimestampMs(floor))"])
                state.seriesDropped = dropped
            }
            if state.truncatedBefore == .min { state.truncatedBefore = try earliestSample() ?? floor }
            guard forced || floor - state.truncatedBefore >= Self.truncationStepMs else { return }
            try truncateLog(before: floor, all: forced, state)
            state.truncatedBefore = floor
        }
    }

    /// The earliest time that may lie in the log, as far as the head knows: when it started to fill.
    private func earliestSample() throws -> Int64? {
        head.withLock { $0.head.arena.oldestSlabTime }
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

    /// Writes a checkpoint for the older two thirds of the log's segments (for all of them when `all`) and removes
    /// them, as Prometheus does.
    private func truncateLog(before floor: Int64, all: Bool, _ state: Maintenance) throws {
        let current = try log.cut()
        guard let first = try log.segments().first(where: { $0 < current }) else { return }
        let last = all ? current - 1 : first + (current - 1 - first) * 2 / 3
        let checkpoint = Checkpoint(
            directory: log.directory, fileSystem: fileSystem, compression: options.compression,
            keeps: { raw in
                if let newest = state.histogramTimes[raw], newest >= floor { return true }
                guard let number = UInt32(exactly: raw) else { return false }
                let ref = state.aliases[raw] ?? SeriesRef(raw: number)
                return self.head.withLock { $0.head.table.contains(ref) }
            }, minTime: floor)
        try checkpoint.write(upTo: last)
        try log.truncate(before: last + 1)
        try checkpoint.removeOlder(than: last)
        logger.info(
            "write-ahead log truncated: samples before this time are gone",
            metadata: ["before": "\(TimestampMs(floor))", "segments_removed": "\(last - first + 1)"])
    }
}
