package import Durable
import MartletCore

extension MetricStore {
    /// Time of the oldest sample, of the blocks on this disk and of the head; the maximum when there is none.
    package var startTimeMs: Int64 {
        let oldest = directory.blocks.map(\.meta.minTime).min()
        return oldest ?? head.withLock { $0.head.maxTime == .min ? .max : $0.head.oldest }
    }

    /// The time before which all samples are in blocks for which `isElsewhere` says that somebody else has them, too; the
    /// minimum when there is no such time.
    package func sealedBefore(_ isElsewhere: (BlockMeta) -> Bool) -> Int64 {
        // The head first: a block that is cut meanwhile counts as well.
        let (begin, late) = head.withLock { box in
            (box.head.minTime, min(box.head.outOfOrder.first, box.head.outOfOrder.firstSettling))
        }
        return directory.blocks.map(\.meta).filter { !isElsewhere($0) }.map(\.minTime).reduce(min(begin, late), min)
    }

    /// Behind the last record of the write-ahead log: where somebody begins who wants what comes from now on.
    package var logEnd: RecordPosition { log.end }

    /// Numbers of the log's segments, ascending.
    package var logSegments: [Int] { (try? log.segments()) ?? [] }

    /// Asks, whenever the log is about to be truncated, for the oldest segment that somebody still reads; nil when nobody
    /// does. Those from there on stay, and so do all series, since what is read may name any of them.
    package func holdLog(_ oldest: @escaping @Sendable () -> Int?) { logHold.withLock { $0 = oldest } }
}
