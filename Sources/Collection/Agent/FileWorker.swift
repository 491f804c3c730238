import Durable
package import Logging
import MartletCore
import Metrics

/// The loop of following files: look, gather, hand over, remember. Confined to one thread.
package struct FileWorker: Sendable {
    /// When things are done, in bytes and milliseconds.
    package struct Pace: Sendable {
        /// Bytes of lines at which a batch is handed over.
        package var batchBytes = 1 << 20
        /// How long a batch waits for more lines.
        package var batchWait: Int64 = 1000
        /// How long after it was handed over a batch is on the disk.
        package var settle: Int64 = 1000
        /// How often the metrics are brought up to date.
        package var report: Int64 = 5000

        /// The values above.
        package init() {}
    }

    private var tailers: [FileTailer<FileProcessor>]
    private var store: PositionStore
    private let output: any LogOutput
    private let pace: Pace
    private let logger: Logger
    private var batch = LogBatch()
    private var batchSince: Int64 = 0
    private var nextReport: Int64 = 0
    private var shipped: Settling<[FilePosition]>
    private var isBlocked = false
    private var retryAt: Int64 = 0
    private var reported = TailTotals()
    private var warnedOverLimit = false
    private var unopened: Set<String> = []

    /// Follows the files of all jobs; `now` gives Unix time in nanoseconds for lines without a time of their own.
    package init(
        jobs: [LogJob], tail: TailOptions, positions: PositionStore, output: any LogOutput, pace: Pace, logger: Logger,
        now: @escaping @Sendable () -> Int64
    ) {
        tailers = jobs.flatMap { job in
            job.files.map { target in
                FileTailer(include: target.include, exclude: target.exclude, options: tail) { path in
                    FileProcessor(path: path, targetLabels: target.labels, pipeline: job.pipeline, now: now)
                }
            }
        }
        store = positions
        self.output = output
        self.pace = pace
        self.logger = logger
        shipped = Settling(milliseconds: pace.settle)
    }

    /// One round; true when there is more to do at once.
    package mutating func step(now: Int64) -> Bool {
        var more = false
        // While the queue is full nothing is read: the files are the buffer.
        if batch.bytes < pace.batchBytes, !isBlocked {
            more = read(now: now)
        }
        if batch.lines > 0, batch.bytes >= pace.batchBytes || now - batchSince >= pace.batchWait || isBlocked {
            if !isBlocked || now >= retryAt { ship(now: now) }
        } else if batch.lines == 0 {
            // Lines that the pipeline dropped need no queue to be done with.
            shipped.add(positions(), now: now)
        }
        if let settled = shipped.settled(now: now) { save(settled) }
        if now >= nextReport {
            nextReport = now + pace.report
            report()
        }
        return more && !isBlocked
    }

    /// The last round: what was read goes out, and the positions are saved.
    package mutating func finish(now: Int64) {
        if batch.lines > 0 { ship(now: now) }
        if let newest = shipped.newest { save(newest) }
        report()
    }

    private mutating func read(now: Int64) -> Bool {
        var more = false
        for index in tailers.indices {
            var entries: [LogEntry] = []
            let store = store
            if tailers[index].poll(now: now, lists: DiskPaths(), saved: { store.position(of: $0) }, into: &entries) {
                more = true
            }
            if batch.lines == 0, !entries.isEmpty { batchSince = now }
            for entry in entries { batch.add(entry) }
        }
        return more
    }

    private func positions() -> [FilePosition] { tailers.flatMap { $0.positions() } }

    private mutating func ship(now: Int64) {
        do {
            try output.ship(&batch)
            batch = LogBatch()
            shipped.add(positions(), now: now)
            if isBlocked { logger.info("the queue of log lines has room again; reading goes on") }
            isBlocked = false
        } catch {
            if !isBlocked { logger.warning("log lines wait in their files: \(error)") }
            isBlocked = true
            retryAt = now + 1000
        }
    }

    private mutating func save(_ positions: [FilePosition]) {
        do {
            try store.save(positions)
        } catch {
            logger.error("cannot save the positions of log files: \(error)")
        }
    }

    private mutating func report() {
        var totals = TailTotals()
        var active = 0
        var lag: UInt64 = 0
        var over = 0
        var unopened: Set<String> = []
        for tailer in tailers {
            totals.bytes += tailer.totals.bytes
            totals.lines += tailer.totals.lines
            totals.linesCut += tailer.totals.linesCut
            totals.truncations += tailer.totals.truncations
            active += tailer.activeFiles
            lag += tailer.lagBytes
            over += tailer.filesOverLimit
            unopened.formUnion(tailer.unopened)
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
        for path in unopened.subtracting(self.unopened).sorted() {
            logger.warning("a log file cannot be opened and is not followed", metadata: ["path": .string(path)])
        }
        self.unopened = unopened
    }
}
