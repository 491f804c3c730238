package import Logging
import MartletCore
import Metrics
import Service
import ServiceLifecycle

/// Reads the journal for one job and ships its entries, on a thread of its own.
package struct JournalShipper: ServiceLifecycle.Service {
    private let job: LogJob
    private let target: LogJob.JournalTarget
    private let cursor: JournalCursor
    private let output: any LogOutput
    private let batchBytes: Int
    private let batchWait: Int64
    private let settle: Int64
    private let logger: Logger

    /// Nil when the job reads no journal. The cursor is kept at `cursorPath`; `settle` is the time in milliseconds after
    /// which the queue is on the disk.
    package init?(
        job: LogJob, config: PromtailConfig, cursorPath: String, settle: Int64, output: any LogOutput, logger: Logger
    ) {
        guard let target = job.journal else { return nil }
        self.job = job
        self.target = target
        cursor = JournalCursor(path: cursorPath)
        self.output = output
        self.settle = settle
        batchBytes = config.clients.first?.batchBytes ?? 1 << 20
        batchWait = config.clients.first?.batchWait ?? 1000
        self.logger = logger
    }

    package func run() async throws {
        guard let thread = SourceThread.start({ thread in read(thread) }) else {
            throw StartupFailure("no thread to read the journal")
        }
        try? await gracefulShutdown()
        await thread.stop()
    }

    /// Opens the journal as often as it takes: there may be none yet.
    private func read(_ thread: SourceThread) {
        var said = false
        while !thread.isStopping {
            do throws(JournalError) {
                let reader = try JournalReader(directory: target.path, matches: target.matches)
                guard reader.hasFiles else {
                    throw .absent(path: target.path ?? "/var/log/journal or /run/log/journal")
                }
                try begin(reader)
                if said { logger.info("the journal has appeared; reading it") }
                said = false
                try follow(reader, thread)
            } catch {
                if !said { logger.warning("\(error)") }
                said = true
                thread.pause(milliseconds: 10_000)
            }
        }
    }

    private func begin(_ reader: JournalReader) throws(JournalError) {
        if let saved = cursor.load() {
            if try !reader.seek(after: saved) {
                logger.warning("the saved place in the journal is gone; reading goes on with the entry nearest to it")
            }
            return
        }
        let oldest = max(0, WallClock.nanoseconds / 1000 - target.maxAge * 1000)
        try reader.seek(toMicroseconds: UInt64(oldest))
    }

    private func follow(_ reader: JournalReader, _ thread: SourceThread) throws(JournalError) {
        var processor = JournalProcessor(target: target, relabel: job.relabel, pipeline: job.pipeline)
        var batch = LogBatch()
        var since: Int64 = 0
        var last: String?
        var shipped = Settling<String>(milliseconds: settle)
        var ticked: Int64 = 0
        while true {
            let now = AgentClock.monotonicMilliseconds()
            var entries: [LogEntry] = []
            var isIdle = false
            if batch.bytes < batchBytes, !batch.isUnderWay {
                if let entry = try reader.next() {
                    Counter(label: "martlet_agent_journal_entries_total").increment()
                    processor.process(entry, into: &entries)
                    // Streams that went quiet do not wait for all others to do so; by the journal's own time, which is
                    // behind while the reader catches up.
                    if now - ticked >= 1000 {
                        processor.tick(now: entry.timestamp, into: &entries)
                        ticked = now
                    }
                    // A held-back line is not in the queue yet, so the place stays before it.
                    if !processor.isHolding { last = try reader.cursor() }
                } else {
                    isIdle = true
                }
            }
            if isIdle { processor.tick(now: WallClock.nanoseconds, into: &entries) }
            if batch.lines == 0 { since = now }
            for entry in entries { batch.add(entry) }
            let stopping = thread.isStopping
            if batch.lines > 0, batch.bytes >= batchBytes || now - since >= batchWait || stopping {
                if ship(&batch, thread) {
                    if let place = last { shipped.add(place, now: now) }
                    last = nil
                }
            } else if batch.lines == 0, isIdle, let place = last {
                // Entries that relabelling dropped move the place too.
                shipped.add(place, now: now)
                last = nil
            }
            if let place = stopping ? shipped.newest : shipped.settled(now: now) { save(place) }
            if stopping { return }
            if isIdle { thread.pause(milliseconds: 250) }
        }
    }

    /// True when the batch is in the queue.
    private func ship(_ batch: inout LogBatch, _ thread: SourceThread) -> Bool {
        do {
            try output.ship(&batch)
            batch = LogBatch()
            return true
        } catch {
            // The journal is the buffer: nothing more is read until there is room.
            if !thread.isStopping { logger.warning("journal entries wait: \(error)") }
            thread.pause(milliseconds: 5000)
            return false
        }
    }

    private func save(_ place: String) {
        do {
            try cursor.save(place)
        } catch {
            logger.error("cannot save the place in the journal: \(error)")
        }
    }
}
