import Compression
import MartletCore

/// A write-ahead log in Prometheus' framing: numbered segments of records in one directory.
///
/// Many threads may append at once. An append returns after write(2), which survives the death of the process; under
/// `SyncPolicy.always` it returns after an `fdatasync` shared with other appends, which survives power loss. A log is
/// read first (`replay`), which also repairs what a power loss tore, then appended to: always in a new segment, so
/// that no sound byte is ever written over. All calls block: keep them off event loops and the cooperative pool.
package final class RecordLog: Sendable {
    /// How a log is written.
    package struct Options: Sendable {
        /// Size at which a segment is followed by the next; a multiple of 32 KiB. A record must fit in one segment.
        package var segmentBytes = 128 << 20
        /// How records are compressed.
        package var compression = RecordCompression.snappy
        /// When written records are made to survive power loss.
        package var sync = SyncPolicy.interval(seconds: 1)
        /// The least number that a new segment gets: where all segments may have gone, behind those that were there.
        package var firstSegment = 0
        /// Largest record that is read back, decompressed.
        package var recordLimit = 256 << 20

        /// Prometheus' defaults: 128 MiB segments, snappy; synced every second.
        package init() {}
    }

    /// Names what a `write` wrote.
    package struct Ticket: Sendable {
        fileprivate let mark: UInt64
        /// Behind the last record.
        package let position: RecordPosition
    }

    private struct Writer {
        var segment: Int
        var file: (any File)?
        var size = 0
        /// Bytes appended since the log was opened: what marks of the sync group count.
        var mark: UInt64 = 0
        /// Set when the end of the file could not be put right after a failed write.
        var needsTruncation = false
        var failure: DurableError?
        var buffer: [UInt8] = []
    }

    /// The directory that holds the segments.
    package let directory: String
    /// How the log is written.
    package let options: Options
    private let fileSystem: any FileSystem
    private let found: [Int]
    private let writer: Monitor<Writer>
    private let group = SyncGroup()
    private let thread: Monitor<IntervalThread?> = Monitor(nil)

    /// Opens the log in `directory`, which is created when missing. Nothing is written before the first append.
    package init(
        _ directory: String, options: Options = Options(), on fileSystem: any FileSystem = DiskFileSystem()
    ) throws(DurableError) {
        guard options.segmentBytes > 0, options.segmentBytes % RecordFrame.pageSize == 0 else {
            throw DurableError(
                .tooLarge, path: directory, operation: "open log",
                message: "a segment size of \(options.segmentBytes) is no multiple of \(RecordFrame.pageSize) bytes")
        }
        try fileSystem.makeDirectories(directory)
        self.directory = directory
        self.options = options
        self.fileSystem = fileSystem
        found = try SegmentName.list(directory, on: fileSystem)
        writer = Monitor(Writer(segment: max(options.firstSegment, found.last.map { $0 + 1 } ?? 0)))
    }

    deinit {
        thread.withLock { $0 }?.requestStop()
    }

    // MARK: Reading

    /// Numbers of the segments that hold records now, ascending.
    package func segments() throws(DurableError) -> [Int] {
        try SegmentName.list(directory, on: fileSystem)
    }

    /// The file of a segment.
    package func path(ofSegment segment: Int) -> String {
        FilePath.join(directory, SegmentName.format(segment))
    }

    /// Visits every record of the segments that were there when the log was opened, from segment `first` to `last`, oldest
    /// first. The bytes are only valid during the call of `visit`.
    ///
    /// Damage does not stop the replay: it goes on with the next sound record, and reports the place.
    /// With `repair`, a segment after whose damage no sound record follows is cut there (the torn end of a log after
    /// power loss); any other damaged segment is rewritten with its sound records and the original kept beside it
    /// as `<segment>.damaged`.
    package func replay(
        from first: Int = 0, upTo last: Int = .max, repair: Bool = true,
        visit: (_ record: UnsafeRawBufferPointer, _ position: RecordPosition) throws -> Void
    ) throws -> ReplayReport {
        var report = ReplayReport()
        for segment in found where segment >= first && segment <= last {
            try replay(segment: segment, repair: repair, report: &report, visit: visit)
        }
        return report
    }

    private func replay(
        segment: Int, repair: Bool, report: inout ReplayReport,
        visit: (UnsafeRawBufferPointer, RecordPosition) throws -> Void
    ) throws {
        let path = path(ofSegment: segment)
        let file = try fileSystem.open(path, .read)
        var scanner = SegmentScanner(file, from: 0, recordLimit: options.recordLimit)
        var found: [(offset: Int64, reason: String, end: Int64?)] = []
        var soundEnd: Int64 = 0
        var followed = false
        scan: while true {
            switch try scanner.next() {
            case .record:
                report.records += 1
                if found.isEmpty { soundEnd = scanner.end } else { followed = true }
                if let last = found.indices.last, found[last].end == nil { found[last].end = scanner.start }
                let position = RecordPosition(segment: segment, offset: scanner.start)
                try scanner.record.withUnsafeBytes { try visit($0, position) }
            case .damage(let offset, let reason):
                if let last = found.indices.last, found[last].end == nil { found[last].end = offset }
                found.append((offset, reason, nil))
            case .end:
                break scan
            }
        }
        report.segments += 1
        let size = try file.size()
        report.bytes += size
        guard !found.isEmpty else { return }
        let done: ReplayReport.Damage.Repair =
            !repair ? .none : followed ? try rewrite(path) : try cut(path, to: soundEnd)
        report.damage += found.map { place in
            let lost = max(0, (place.end ?? size) - place.offset)
            return ReplayReport.Damage(
                path: path, offset: place.offset, lostBytes: lost, reason: place.reason, repair: done)
        }
    }

    private func cut(_ path: String, to size: Int64) throws(DurableError) -> ReplayReport.Damage.Repair {
        let file = try fileSystem.open(path, .readWrite)
        try file.truncate(to: size)
        try file.sync()
        return .cut(toBytes: size)
    }

    private func rewrite(_ path: String) throws(DurableError) -> ReplayReport.Damage.Repair {
        var scanner = SegmentScanner(try fileSystem.open(path, .read), from: 0, recordLimit: options.recordLimit)
        let temporary = path + AtomicFile.temporarySuffix
        let output = try fileSystem.open(temporary, .truncate)
        var buffer: [UInt8] = []
        var offset = 0
        var written: Int64 = 0
        scan: while true {
            switch try scanner.next() {
            case .record:
                let stored = StoredRecords(RecordBatch(scanner.record), options.compression)
                stored.withRecord(0) { RecordFrame.append($0, flag: stored.flag(0), to: &buffer, offset: &offset) }
                guard buffer.count > 1 << 20 else { continue }
                try output.write(buffer, at: written)
                written += Int64(buffer.count)
                buffer.removeAll(keepingCapacity: true)
            case .damage: continue
            case .end: break scan
            }
        }
        try output.write(buffer, at: written)
        try output.sync()
        let original = path + ".damaged"
        try fileSystem.removeTree(original)
        try fileSystem.link(path, to: original)
        try fileSystem.rename(temporary, to: path)
        try fileSystem.syncDirectory(directory)
        return .rewritten(original: original)
    }

    // MARK: Writing

    /// Appends records in order and returns the position behind the last. On failure nothing is acknowledged; a full
    /// disk (`.noSpace`) leaves the log valid, and the same append may be tried again.
    @discardableResult
    package func append(_ batch: RecordBatch) throws(DurableError) -> RecordPosition {
        let ticket = try write(batch)
        try settle(ticket)
        return ticket.position
    }

    /// The first half of `append`: returns after write(2). For callers that hold a lock of their own, which they can
    /// let go before they wait for the disk in `settle`.
    package func write(_ batch: RecordBatch) throws(DurableError) -> Ticket {
        // Compression is done before the lock is taken, so that appenders compress side by side.
        let stored = StoredRecords(batch, options.compression)
        return try writer.withLock { (writer: inout Writer) throws(DurableError) in
            if let failure = writer.failure { throw failure }
            try write(stored, &writer)
            let position = RecordPosition(segment: writer.segment, offset: Int64(writer.size))
            return Ticket(mark: writer.mark, position: position)
        }
    }

    /// The second half of `append`: returns when the sync policy lets the records be acknowledged.
    package func settle(_ ticket: Ticket) throws(DurableError) {
        guard options.sync == .always else { return }
        try group.wait(until: ticket.mark) { () throws(DurableError) -> UInt64 in try syncFile() }
    }

    /// Appends one record.
    @discardableResult
    package func append(_ record: [UInt8]) throws(DurableError) -> RecordPosition {
        try append(RecordBatch(record))
    }

    /// Makes everything appended so far survive power loss.
    package func sync() throws(DurableError) {
        let mark = writer.withLock { $0.mark }
        try group.wait(until: mark) { () throws(DurableError) -> UInt64 in try syncFile() }
    }

    /// Behind the last record.
    package var end: RecordPosition {
        writer.withLock { RecordPosition(segment: $0.segment, offset: Int64($0.size)) }
    }

    /// Ends the current segment and returns the number of the next, which the following append creates. Everything
    /// before it is synced. Without an append since the last cut this only returns that number.
    @discardableResult
    package func cut() throws(DurableError) -> Int {
        try writer.withLock { (writer: inout Writer) throws(DurableError) in
            if let failure = writer.failure { throw failure }
            try finishSegment(&writer)
            return writer.segment
        }
    }

    /// Removes the segments before `segment`, oldest first, so that what remains has no gap at any time.
    package func truncate(before segment: Int) throws(DurableError) {
        let current = writer.withLock { $0.segment }
        let old = try segments().filter { $0 < min(segment, current) }
        for number in old { try fileSystem.unlink(path(ofSegment: number)) }
        if !old.isEmpty { try fileSystem.syncDirectory(directory) }
    }

    /// Makes the directory `target` with second names for the segments before `segment`, which must have ended. No segment
    /// may be removed meanwhile.
    package func linkEnded(before segment: Int, to target: String) throws(DurableError) {
        try fileSystem.makeDirectory(target)
        for number in try segments() where number < segment {
            try fileSystem.link(path(ofSegment: number), to: FilePath.join(target, SegmentName.format(number)))
        }
        try fileSystem.syncDirectory(target)
    }

    /// Syncs what was appended and refuses further appends.
    package func close() throws(DurableError) {
        let running = thread.withLock { (thread: inout IntervalThread?) in
            defer { thread = nil }
            return thread
        }
        running?.stop()
        try sync()
        writer.withLock { writer in
            writer.file = nil
            writer.failure = DurableError(.closed, path: directory, operation: "append", message: "the log is closed")
        }
    }

    private func write(_ batch: StoredRecords, _ writer: inout Writer) throws(DurableError) {
        let largest = RecordFrame.capacity(segmentBytes: options.segmentBytes, offset: 0)
        if let count = batch.largest, count > largest {
            throw DurableError(
                .tooLarge, path: directory, operation: "append",
                message: "a record of \(count) bytes exceeds the \(largest) bytes that a segment holds")
        }
        var offset = writer.size
        writer.buffer.removeAll(keepingCapacity: true)
        for index in batch.ends.indices {
            if batch.size(index) > RecordFrame.capacity(segmentBytes: options.segmentBytes, offset: offset) {
                try flush(&writer)
                try finishSegment(&writer)
                offset = 0
            }
            batch.withRecord(index) {
                RecordFrame.append($0, flag: batch.flag(index), to: &writer.buffer, offset: &offset)
            }
        }
        try flush(&writer)
        // One huge batch must not hold its memory for ever.
        if writer.buffer.capacity > 4 << 20 { writer.buffer = [] }
    }

    /// Writes the buffer behind the segment's end. When that fails, what was written of it is cut off again.
    private func flush(_ writer: inout Writer) throws(DurableError) {
        guard !writer.buffer.isEmpty else { return }
        // Also after a failure: what was refused must not be written by whoever flushes next.
        defer { writer.buffer.removeAll(keepingCapacity: true) }
        let file = try currentFile(&writer)
        if writer.needsTruncation {
            try file.truncate(to: Int64(writer.size))
            writer.needsTruncation = false
        }
        do throws(DurableError) {
            try file.write(writer.buffer, at: Int64(writer.size))
        } catch {
            do throws(DurableError) {
                try file.truncate(to: Int64(writer.size))
            } catch _ {
                writer.needsTruncation = true
            }
            throw error
        }
        writer.size += writer.buffer.count
        writer.mark += UInt64(writer.buffer.count)
    }

    private func currentFile(_ writer: inout Writer) throws(DurableError) -> any File {
        if let file = writer.file { return file }
        try startSyncing()
        let file = try fileSystem.open(path(ofSegment: writer.segment), .truncate)
        try fileSystem.syncDirectory(directory)
        writer.file = file
        return file
    }

    /// Starts the thread that syncs at intervals, once: a log that is only read needs none.
    private func startSyncing() throws(DurableError) {
        guard case .interval(let seconds) = options.sync else { return }
        try thread.withLock { (thread: inout IntervalThread?) throws(DurableError) in
            guard thread == nil else { return }
            thread = try IntervalThread(seconds: seconds) { [weak self] in
                // A failure is kept by the group and thrown by the next append.
                try? self?.sync()
            }
        }
    }

    private func finishSegment(_ writer: inout Writer) throws(DurableError) {
        guard let file = writer.file else { return }
        if writer.size > 0 {
            var offset = writer.size
            RecordFrame.pad(&writer.buffer, &offset)
            try flush(&writer)
        }
        do throws(DurableError) {
            try file.syncData()
        } catch {
            writer.failure = error
            group.fail(error)
            throw error
        }
        group.advance(to: writer.mark)
        writer.file = nil
        writer.segment += 1
        writer.size = 0
    }

    /// Syncs the current segment; those before it were synced when they ended.
    private func syncFile() throws(DurableError) -> UInt64 {
        let (file, mark, earlier) = writer.withLock { ($0.file, $0.mark, $0.failure) }
        // The kernel reports lost pages once: a sync that succeeds after one that failed would prove nothing.
        if let earlier { throw earlier }
        do throws(DurableError) {
            try file?.syncData()
        } catch {
            writer.withLock { $0.failure = error }
            throw error
        }
        return mark
    }
}
