package import Durable
package import Logging
package import MartletCore

/// A write-ahead log of samples that nothing is stored of: made here, they wait in it until readers (see `LogTail`) have
/// passed them on. Directory and records are those of a store's log, `wal/` with segments and checkpoints.
///
/// A series keeps its number for as long as the log has samples of it, also through restarts, so that whoever sends them on
/// keeps them in order; a number is never given to another series. All calls block.
package final class SeriesLog: Sendable {
    /// How a log is written.
    package struct Options: Sendable {
        /// When what is written survives power loss.
        package var sync = SyncPolicy.interval(seconds: 1)
        /// Size at which a segment is followed by the next.
        package var segmentBytes = 16 << 20
        /// Age at which it is: what is sent can leave the disk then.
        package var segmentMs: Int64 = 10 * 60_000

        /// Synced every second; a segment ends with 16 MiB or after 10 minutes.
        package init() {}
    }

    /// A series and what is new of it.
    package struct Series: Sendable {
        /// What is known of the metric, under the name of its family.
        package struct Metadata: Sendable, Hashable {
            /// The name of the family.
            package var family: String
            /// Type, help and unit.
            package var entry: MetadataTable.Entry

            /// What is known of a family.
            package init(family: String, _ entry: MetadataTable.Entry) {
                self.family = family
                self.entry = entry
            }
        }

        /// With the metric's name.
        package var labels: Labels
        /// Milliseconds since the epoch, ascending; values may be staleness markers.
        package var samples: [(timestampMs: Int64, value: Double)] = []
        /// Native histograms, as `samples`.
        package var histograms: [(timestampMs: Int64, histogram: StoredHistogram)] = []
        package var exemplars: [Exemplar] = []
        package var metadata: Metadata?

        /// A series of which nothing is new.
        package init(_ labels: Labels, metadata: Metadata? = nil) {
            self.labels = labels
            self.metadata = metadata
        }
    }

    /// What the log knows of a series.
    private struct Known {
        let ref: UInt64
        /// The newest segment that may have samples of it.
        var segment: Int
    }

    private struct State {
        var series: [Labels: Known] = [:]
        var nextRef: UInt64 = 1
        /// Bytes taken from the budget for `series`.
        var memory = 0
        var newestSampleMs = Int64.min

        mutating func add(_ labels: Labels, _ known: Known) -> Int {
            let isNew = series.updateValue(known, forKey: labels) == nil
            return isNew ? SeriesLog.memory(of: labels) : 0
        }
    }

    /// Bytes gathered for one record.
    private static let recordBytes = 1 << 20

    /// The directory that has the log in `wal`.
    package let path: String
    /// What is known of metric families. It is not in the log: writers say it with their samples.
    package let metadata: MetadataTable
    /// What readers take their memory from.
    package let budget: MemoryBudget
    private let options: Options
    private let logger: Logger
    private let fileSystem: any FileSystem
    private let log: RecordLog
    private let state: Lock<State>
    private let hold = Lock<(@Sendable () -> Int?)?>(nil)
    /// The segment that was being written when the log was truncated last, and since when it was known.
    private let newest = Lock<(segment: Int, sinceMs: Int64)?>(nil)
    private let lock: DirectoryLock

    /// Opens the directory, which is created when missing, takes its lock, repairs the log, and learns the series in it.
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
        metadata = MetadataTable(budget: budget)
        let directory = FilePath.join(path, "wal")
        var logOptions = RecordLog.Options()
        logOptions.sync = options.sync
        logOptions.segmentBytes = options.segmentBytes
        var checkpoint: Int?
        if try fileSystem.exists(directory) {
            try CheckpointName.removeUnfinished(directory, on: fileSystem)
            checkpoint = try CheckpointName.list(directory, on: fileSystem).last
        }
        // Segments may all be gone: positions of readers must not point behind the end.
        logOptions.firstSegment = checkpoint.map { $0 + 1 } ?? 0
        log = try RecordLog(directory, options: logOptions, on: fileSystem)
        state = Lock(State())
        if let checkpoint { try CheckpointName.removeLog(log, upTo: checkpoint, on: fileSystem) }
        try state.withLock { try learn(&$0, checkpoint: checkpoint) }
    }

    deinit { budget.release(state.withLock { $0.memory }) }

    private static func memory(of labels: Labels) -> Int { 96 + labels.bytes.count }

    /// Reads which series the checkpoint and the segments name.
    private func learn(_ state: inout State, checkpoint: Int?) throws {
        let newest = try log.segments().last ?? checkpoint ?? 0
        var found = State()
        var memory = 0
        var malformed = 0
        func take(_ record: UnsafeRawBufferPointer) {
            guard LogDecoder.kind(record) == .series else { return }
            do throws(ByteCursorError) {
                try LogDecoder.series(record) { ref, labels in
                    // Which samples are of it is not looked at: it stays for as long as what is there now.
                    memory += found.add(Labels(canonicalBytes: Array(labels)), Known(ref: ref, segment: newest))
                    found.nextRef = max(found.nextRef, ref &+ 1)
                }
            } catch {
                malformed += 1
            }
        }
        var damage: [ReplayReport.Damage] = []
        if let checkpoint {
            let path = FilePath.join(log.directory, CheckpointName.format(checkpoint))
            damage += try RecordLog(path, options: log.options, on: fileSystem).replay { record, _ in take(record) }
                .damage
        }
        damage += try log.replay(from: checkpoint.map { $0 + 1 } ?? 0) { record, _ in take(record) }.damage
        for place in damage {
            logger.warning("the write-ahead log is damaged", metadata: ["detail": "\(place)"])
        }
        if malformed > 0 {
            logger.error("malformed log records were passed over", metadata: ["records": "\(malformed)"])
        }
        budget.charge(memory)
        found.memory = memory
        state = found
    }

    // MARK: Writing

    /// Writes what is new of some series, each at most once. On return it is in the log; it survives power loss as the
    /// sync policy says. After a failure nothing counts as written, and the same may be given again: of a full disk
    /// (`.noSpace`) the log recovers by itself.
    package func append(_ series: [Series]) throws(DurableError) {
        let ticket = try state.withLock { (state: inout State) throws(DurableError) -> RecordLog.Ticket? in
            var batch = RecordBatch()
            var records = LogRecords()
            var refs: [UInt64] = []
            refs.reserveCapacity(series.count)
            var newest = state.newestSampleMs
            for item in series {
                let known = state.series[item.labels]?.ref
                let ref = known ?? state.nextRef
                if known == nil {
                    // Also when the append fails: a part of it may stand in the log.
                    state.nextRef += 1
                    item.labels.bytes.withUnsafeBytes { records.series.series(ref, $0) }
                }
                refs.append(ref)
                Self.encode(item, ref, into: &records, newest: &newest)
                records.drain(beyond: Self.recordBytes, into: &batch)
            }
            records.drain(beyond: 0, into: &batch)
            guard !batch.isEmpty else { return nil }
            let ticket = try log.write(batch)
            note(series, refs, segment: ticket.position.segment, &state)
            state.newestSampleMs = newest
            return ticket
        }
        var families: Set<String> = []
        for item in series {
            guard let known = item.metadata, families.insert(known.family).inserted else { continue }
            metadata.update(known.family) { $0 = known.entry }
        }
        if let ticket { try log.settle(ticket) }
    }

    private static func encode(_ item: Series, _ ref: UInt64, into records: inout LogRecords, newest: inout Int64) {
        for (time, value) in item.samples {
            records.samples.sample(ref, time, value.bitPattern)
            newest = max(newest, time)
        }
        for (time, histogram) in item.histograms {
            let kind = HistogramRecord.kind(histogram)
            HistogramRecord.encode(histogram).withUnsafeBytes {
                records.histograms[kind, default: .init()].histogram(kind, ref, time, $0)
            }
            newest = max(newest, time)
        }
        for exemplar in item.exemplars {
            exemplar.labels.bytes.withUnsafeBytes {
                records.exemplars.exemplar(ref, exemplar.timeMs, exemplar.value.bitPattern, $0)
            }
        }
    }

    private func note(_ series: [Series], _ refs: [UInt64], segment: Int, _ state: inout State) {
        var memory = 0
        for (item, ref) in zip(series, refs) {
            memory += state.add(item.labels, Known(ref: ref, segment: segment))
        }
        // Beyond the limit as well: whoever makes series limits them.
        budget.charge(memory)
        state.memory += memory
    }

    // MARK: Truncating

    /// Removes what no reader wants any more: whole segments, in whose place a checkpoint names the series that live on. To be
    /// called about once a minute with the current time. A series leaves with the last segment that may have samples of it.
    package func truncate(nowMs: Int64) throws {
        try newest.withLock { newest in
            try lock.check("truncate the log of")
            let held = hold.withLock { $0 }?()
            try endSegment(&newest, nowMs)
            let last = min(log.end.segment, held ?? .max) - 1
            guard let first = try log.segments().first, first <= last else { return }
            let live = state.withLock { forget(upTo: last, &$0) }
            let checkpoint = Checkpoint(
                directory: log.directory, fileSystem: fileSystem, compression: log.options.compression,
                keeps: { live.contains($0) }, minTime: .max)
            try checkpoint.write(upTo: last)
            try CheckpointName.removeLog(log, upTo: last, on: fileSystem)
            logger.debug(
                "write-ahead log truncated",
                metadata: ["segments_removed": "\(last - first + 1)", "series": "\(live.count)"])
        }
    }

    /// Ends the segment that is being written when it is old enough: only whole ones can go.
    private func endSegment(_ newest: inout (segment: Int, sinceMs: Int64)?, _ nowMs: Int64) throws(DurableError) {
        let end = log.end
        guard end.offset > 0 else { return }
        guard let known = newest, known.segment == end.segment else {
            newest = (end.segment, nowMs)
            return
        }
        if nowMs - known.sinceMs >= options.segmentMs { try log.cut() }
    }

    /// Forgets the series without samples behind a segment, and returns the others' numbers.
    private func forget(upTo last: Int, _ state: inout State) -> Set<UInt64> {
        state.series = state.series.filter { $0.value.segment > last }
        let memory = state.series.keys.reduce(0) { $0 + Self.memory(of: $1) }
        budget.release(state.memory - memory)
        state.memory = memory
        return Set(state.series.values.lazy.map(\.ref))
    }

    /// Syncs what was written and gives the directory back; what would write to it later fails. Again it does nothing.
    package func close() throws(DurableError) {
        // Not while a truncation is under way.
        try newest.withLock { (_) throws(DurableError) in
            try log.close()
            lock.release()
        }
    }

    // MARK: For readers

    /// Behind the last record.
    package var logEnd: RecordPosition { log.end }

    /// Time of the newest sample that was written since the log was opened; the minimum when there was none.
    package var newestSampleMs: Int64 { state.withLock { $0.newestSampleMs } }

    /// Series that have samples in the log.
    package var seriesCount: Int { state.withLock { $0.series.count } }

    /// Asks, whenever the log is truncated, for the oldest segment that somebody still reads; nil when nobody does.
    package func holdLog(_ oldest: @escaping @Sendable () -> Int?) { hold.withLock { $0 = oldest } }
}
