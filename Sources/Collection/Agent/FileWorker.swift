import Durable
import Logging
import MartletCore
import Metrics

/// The loop of following files: look, gather, hand over, remember. Confined to one thread.
struct FileWorker: Sendable {
    private var tailers: [FileTailer<FileProcessor>]
    private var store: PositionStore
    private let output: any LogOutput
    private let batchBytes: Int
    private let batchWait: Int64
    private let savePeriod: Int64
    private let logger: Logger
    private var batch = LogBatch()
    private var batchSince: Int64 = 0
    private var nextSave: Int64 = 0
    private var shippedPositions: [FilePosition] = []
    private var isBlocked = false
    private var reported = TailTotals()
    private var warnedOverLimit = false

    init(
        tailers: [FileTailer<FileProcessor>], positions: PositionStore, output: any LogOutput, batchBytes: Int,
        batchWait: Int64, savePeriod: Int64, logger: Logger
    ) {
        self.tailers = tailers
        store = positions
        self.output = output
        self.batchBytes = batchBytes
        self.batchWait = batchWait
        self.savePeriod = savePeriod
        self.logger = logger
    }

    /// One round; true when there is more to do at once.
    mutating func step(now: Int64) -> Bool {
        var more = false
        // While the queue is full nothing is read: the files are the buffer.
        if batch.bytes < batchBytes, !isBlocked {
            for index in tailers.indices {
                var entries: [LogEntry] = []
                let store = store
                if tailers[index].poll(
                    now: now, lists: DiskPaths(), saved: { store.position(of: $0) }, into: &entries)
                {
                    more = true
                }
                if batch.lines == 0, !entries.isEmpty { batchSince = now }
                for entry in entries { batch.add(entry) }
            }
        }
        if batch.lines > 0, batch.bytes >= batchBytes || now - batchSince >= batchWait || isBlocked {
            ship()
        } else if batch.lines == 0 {
            shippedPositions = positions()
        }
        if now >= nextSave {
            nextSave = now + savePeriod
            save()
            report()
        }
        return more && !isBlocked
    }

    /// The last round: what was read goes out, and the positions are saved.
    mutating func finish() {
        if batch.lines > 0 { ship() }
        save()
    }

    private func positions() -> [FilePosition] { tailers.flatMap { $0.positions() } }

    private mutating func ship() {
        do {
            try output.ship(batch)
            batch = LogBatch()
            shippedPositions = positions()
            if isBlocked { logger.info("the queue of log lines has room again; reading goes on") }
            isBlocked = false
        } catch {
            if !isBlocked { logger.warning("log lines wait in their files: \(error)") }
            isBlocked = true
        }
    }

    private mutating func save() {
        do {
            try store.save(shippedPositions)
        } catch {
            logger.error("cannot save the positions of log files: \(error)")
        }
    }

    private mutating func report() {
        var totals = TailTotals()
        var active = 0
        var lag: UInt64 = 0
        var over = 0
        for tailer in tailers {
            totals.bytes += tailer.totals.bytes
            totals.lines += tailer.totals.lines
            totals.linesCut += tailer.totals.linesCut
            totals.truncations += tailer.totals.truncations
            active += tailer.activeFiles
            lag += tailer.lagBytes
            over += tailer.filesOverLimit
        }
        for (name, now, before) in [
            ("martlet_agent_tail_read_bytes_total", totals.bytes, reported.bytes),
            ("martlet_agent_tail_read_lines_total", totals.lines, reported.lines),
            ("martlet_agent_tail_lines_cut_total", totals.linesCut, reported.linesCut),
            ("martlet_agent_tail_truncations_total", totals.truncations, reported.truncations),
        ] where now > before {
            Counter(label: name).increment(by: Int64(clamping: now - before))
        }
        reported = totals
        Gauge(label: "martlet_agent_tail_files_active").record(active)
        Gauge(label: "martlet_agent_tail_lag_bytes").record(Int64(clamping: lag))
        if over > 0, !warnedOverLimit {
            logger.warning("\(over) files match and are not followed: the limit of open files per target is reached")
        }
        warnedOverLimit = over > 0
    }
}
