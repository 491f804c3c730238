package import Durable
package import Logging
package import MartletCore
import Synchronization

/// The metrics of one tenant on disk: Prometheus' directory layout, with blocks and the write-ahead log in `wal/`. The
/// newest two to three hours are in memory, in the head; what is older is in blocks.
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
        /// Blocks go that end this much before the newest.
        package var retentionMs: Int64 = 15 * 86_400_000
        /// The oldest blocks go when all of them and the log take more bytes than this; 0 sets no limit.
        package var sizeLimit = 0
        /// Size of the log's segments.
        package var segmentBytes = 128 << 20
        /// Size of the files of head chunks, and so of the closed chunks that are kept in memory.
        package var headChunkBytes = 4 << 20
        /// Samples may be this much older than the newest of all series, in milliseconds, and come in any order; 0 takes
        /// samples in order only.
        package var outOfOrderWindowMs: Int64 = 0
        /// What a new series may look like, and how many there may be.
        package var limits = SeriesLimits()
        /// Exemplars that are kept in memory.
        package var maxExemplars = 100_000

        /// 15 days, no limit of size, snappy, synced every second.
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
    let directory: BlockDirectory
    let chunkFiles: HeadChunkFiles
    let outOfOrderLog: OutOfOrderLog
    /// What is known of metric families.
    package let metadata: MetadataTable
    /// One at a time writes head chunks; nobody once the store is closed, which the value says.
    private let chunkWriting = Lock(false)
    /// Whether the last time failed: the next maintenance tries again, not each append.
    private let hasChunkFailure = Atomic<Bool>(false)
    /// Whether an append writes head chunks: others need not wait for that.
    private let isAppendWriting = Atomic<Bool>(false)
    let maintenance: Lock<Maintenance>
    let stopping = Atomic<Bool>(false)
    let retentionRules = Lock<[RetentionRule]>([])
    let history = Lock<(any BlockHistory)?>(nil)
    let emptied = Lock<Set<BlockID>>([])
    let logHold = Lock<(@Sendable () -> Int?)?>(nil)
    let compactionHold = Lock<(@Sendable (BlockMeta) -> Bool)?>(nil)
    private let appender: Lock<Appender>
    let lock: DirectoryLock

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
        appender = Lock(Appender(limits: options.limits))
        var logOptions = RecordLog.Options()
        logOptions.sync = options.sync
        logOptions.compression = options.compression
        logOptions.segmentBytes = options.segmentBytes
        let logPath = FilePath.join(path, "wal")
        // The replay passes over segments that a checkpoint stands for, and it may stand for all there are.
        if try fileSystem.exists(logPath), let checkpoint = try CheckpointName.list(logPath, on: fileSystem).last {
            logOptions.firstSegment = checkpoint + 1
        }
        log = try RecordLog(logPath, options: logOptions, on: fileSystem)
        directory = try BlockDirectory(path, logger: logger, on: fileSystem)
        outOfOrderLog = try OutOfOrderLog(path, options: logOptions, on: fileSystem)
        chunkFiles = HeadChunkFiles(path, logger: logger, on: fileSystem)
        let chunks = try chunkFiles.load()
        var replay = Replay(logger: logger, chunks: chunks)
        let box = HeadBox()
        try CheckpointName.removeUnfinished(log.directory, on: fileSystem)
        box.head.begin(at: directory.end)
        box.head.begin(
            with: ChunkArena(chunks.slabs, from: chunks.first, slabBytes: options.headChunkBytes),
            lastSeries: UInt32(clamping: chunks.lastSeries))
        box.head.outOfOrderWindow = options.outOfOrderWindowMs
        box.head.outOfOrderLimit = budget.limit / 8
        box.head.exemplars.resize(to: options.maxExemplars)
        try replay.run(log, outOfOrder: outOfOrderLog.existing, into: &box.head, on: fileSystem)
        metadata = MetadataTable(replay.metadata, budget: budget)
        box.charged = box.head.memory
        budget.charge(box.charged)
        maintenance = Lock(
            Maintenance(
                aliases: replay.aliases, truncatedBefore: directory.end, outOfOrderCutBefore: directory.end))
        head = Lock(box)
    }

    deinit {
        budget.release(head.withLock { $0.charged })
    }

    /// What queries take their memory from: the head's own budget.
    package var queryBudget: MemoryBudget { budget }

    /// Bytes of the budget that new series leave to queries and to what comes of the series that are there: a quarter.
    private var reserve: Int { budget.limit / 4 }

    /// Bytes of the budget that bodies of writes leave to queries: an eighth.
    package var queryReserve: Int { budget.limit / 8 }

    /// Appends a batch. Samples that the rules do not permit are listed in the result, the others are acknowledged
    /// when the call returns. An error means that none of the samples is acknowledged.
    package func append(_ batch: inout SampleBatch) throws(DurableError) -> AppendResult {
        var result = AppendResult()
        var hasFullSlab = false
        var late: RecordLog.Ticket?
        let ticket = try appender.withLock { (appender: inout Appender) throws(DurableError) -> RecordLog.Ticket? in
            head.withLock { box in
                let mayCreate = budget.headroom > reserve + box.head.expectedGrowth
                appender.resolve(&batch, in: &box.head, mayCreate: mayCreate, &result)
            }
            let ticket: RecordLog.Ticket?
            do throws(DurableError) {
                let records = appender.records()
                ticket = records.isEmpty ? nil : try log.write(records)
                let lateRecords = appender.outOfOrderRecords()
                late = lateRecords.isEmpty ? nil : try outOfOrderLog.log().write(lateRecords)
            } catch {
                head.withLock { appender.abandon(in: &$0.head) }
                throw error
            }
            head.withLock { box in
                appender.apply(to: &box.head, batch, &result)
                box.account(budget)
                hasFullSlab = box.head.arena.hasFullSlab
            }
            if appender.hasDisplaced { late = try outOfOrderLog.log().write(appender.outOfOrderRecords()) }
            return ticket
        }
        if let ticket {
            try log.settle(ticket)
        } else if options.sync == .always {
            // What is repeated here may not be safe yet, and late samples need the record of their series.
            try log.sync()
        }
        if let late { try outOfOrderLog.log().settle(late) }
        // What cannot be written now is written with the next round of maintenance.
        if metadata.hasNews { try? writeMetadata() }
        if hasFullSlab, !hasChunkFailure.load(ordering: .relaxed),
            !isAppendWriting.exchange(true, ordering: .acquiringAndReleasing)
        {
            writeChunks(all: false)
            isAppendWriting.store(false, ordering: .releasing)
        }
        return result
    }

    /// Runs `body` while nothing is appended.
    func withAppender<R>(_ body: (inout Appender) throws(DurableError) -> R) throws(DurableError) -> R {
        try appender.withLock(body)
    }

    /// Writes closed chunks to files: those of full slabs, or `all`. They are in the log as well, so that a failure costs
    /// memory only, and the next round tries again.
    func writeChunks(all: Bool) {
        chunkWriting.withLock { isClosed in
            guard !isClosed else { return }
            hasChunkFailure.store(false, ordering: .relaxed)
            for (number, slab) in head.withLock({ $0.head.arena.inMemory(all: all) }) {
                do throws(DurableError) {
                    let stored = try chunkFiles.write(slab, number)
                    head.withLock { box in
                        box.head.arena.replace(number, with: stored)
                        box.account(budget)
                    }
                } catch {
                    logger.warning("head chunks cannot be written", metadata: ["error": "\(error)"])
                    hasChunkFailure.store(true, ordering: .relaxed)
                    return
                }
            }
        }
    }

    /// Ends a compaction that is running, and lets none begin: to be called before `close`, since maintenance may be
    /// far from its end.
    package func stopCompacting() { stopping.store(true, ordering: .relaxed) }

    /// Syncs the logs and gives the directory back. Waits for maintenance, which it has end early; what would change the
    /// directory later fails. Queries of what is in memory go on. Again it does nothing.
    package func close() throws(DurableError) {
        stopCompacting()
        try maintenance.withLock { (_) throws(DurableError) in
            writeChunks(all: true)
            try outOfOrderLog.close()
            try log.close()
            chunkWriting.withLock { $0 = true }
            lock.release()
        }
    }

    /// What is known of the blocks, by time.
    package var blocks: [BlockMeta] { directory.blocks.map(\.meta) }

    /// What head and blocks hold now.
    package var statistics: Statistics {
        let blocks = directory.blocks
        return head.withLock { box in
            Statistics(
                series: box.head.table.count, labelPairs: box.head.index.pairCount,
                samplesAppended: box.head.samplesAppended, chunks: box.head.arena.added + box.head.table.count,
                minTimeMs: box.head.minTime, oldestTimeMs: max(box.head.oldest, box.head.minTime),
                maxTimeMs: box.head.maxTime, memoryBytes: box.head.memory,
                blocks: blocks.count, blockBytes: blocks.reduce(0) { $0 + $1.byteCount })
        }
    }
}
