package import Durable
package import Logging
package import MartletCore

/// The metrics of one tenant on disk: Prometheus' directory layout, with the write-ahead log in `wal/`.
///
/// A batch is in the log before it is acknowledged and before a query can see it. Appends, queries and maintenance may
/// come from any threads; all calls may block on the disk.
package final class MetricStore: Sendable {
    /// How a store is run.
    package struct Options: Sendable {
        /// When the log survives power loss.
        package var sync = SyncPolicy.interval(seconds: 1)
        /// How the log's records are compressed.
        package var compression = RecordCompression.snappy
        /// Samples older than this go.
        package var retentionMs: Int64 = 2 * 3600 * 1000
        /// The oldest samples go when those in memory, or the log on disk, take more bytes than this.
        package var sizeLimit = 1 << 30
        /// Size of the log's segments.
        package var segmentBytes = 128 << 20

        /// 2 h or 1 GiB, snappy, synced every second.
        package init() {}
    }

    /// The data directory.
    package let path: String
    /// How the store is run.
    package let options: Options
    let budget: MemoryBudget
    let logger: Logger
    let fileSystem: any FileSystem
    let log: RecordLog
    let head: Lock<HeadBox>
    let maintenance: Lock<Maintenance>
    private let appender = Lock(Appender())
    private let lock: DirectoryLock

    /// Opens the directory, which is created when missing, takes its lock, and replays the log.
    package init(
        _ path: String, options: Options = Options(), budget: MemoryBudget, logger: Logger,
        on fileSystem: any FileSystem = DiskFileSystem()
    ) throws {
        try fileSystem.makeDirectories(path)
        lock = try DirectoryLock(path)
        self.path = path
        self.options = options
        self.budget = budget
        self.logger = logger
        self.fileSystem = fileSystem
        var logOptions = RecordLog.Options()
        logOptions.sync = options.sync
        logOptions.compression = options.compression
        logOptions.segmentBytes = options.segmentBytes
        log = try RecordLog(FilePath.join(path, "wal"), options: logOptions, on: fileSystem)
        var replay = Replay(logger: logger, options: options)
        let box = HeadBox()
        try CheckpointName.removeUnfinished(log.directory, on: fileSystem)
        try replay.run(log, into: &box.head, on: fileSystem)
        box.charged = box.head.memory
        budget.charge(box.charged)
        maintenance = Lock(Maintenance(aliases: replay.aliases, histogramTimes: replay.histogramTimes))
        head = Lock(box)
    }

    deinit {
        budget.release(head.withLock { $0.charged })
    }

    /// Appends a batch. Samples that the rules do not permit are listed in the result, the others are acknowledged
    /// when the call returns. An error means that none of the samples is acknowledged.
    package func append(_ batch: inout SampleBatch) throws(DurableError) -> AppendResult {
        var result = AppendResult()
        let ticket = try appender.withLock { (appender: inout Appender) throws(DurableError) -> RecordLog.Ticket? in
            let mayCreate = budget.headroom > budget.limit / 20
            head.withLock { appender.resolve(&batch, in: &$0.head, mayCreate: mayCreate, &result) }
            let ticket: RecordLog.Ticket?
            do throws(DurableError) {
                let records = appender.records()
                ticket = records.isEmpty ? nil : try log.write(records)
            } catch {
                head.withLock { appender.abandon(in: &$0.head) }
                throw error
            }
            head.withLock { box in
                appender.apply(to: &box.head, &result)
                box.account(budget)
            }
            return ticket
        }
        if let ticket { try log.settle(ticket) }
        return result
    }

    /// Syncs the log and refuses further appends.
    package func close() throws(DurableError) {
        try log.close()
    }

    /// What the head holds now.
    package var statistics: Statistics {
        head.withLock { box in
            Statistics(
                series: box.head.table.count, labelPairs: box.head.index.pairCount,
                samplesAppended: box.head.samplesAppended, chunks: box.head.arena.added + box.head.table.count,
                minTimeMs: box.head.minTime, maxTimeMs: box.head.maxTime, memoryBytes: box.head.memory)
        }
    }
}
