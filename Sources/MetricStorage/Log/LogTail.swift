package import Durable
import MartletCore

/// Follows a store's write-ahead log from a position on, also while it is being written. Unlike the replay it changes
/// nothing: it is for those who pass on what the store takes.
///
/// Not for several threads at once. All calls block.
package struct LogTail {
    private let directory: String
    private let fileSystem: any FileSystem
    private var reader: RecordReader
    /// Malformed records passed over so far.
    package private(set) var malformed = 0

    /// Follows the log of the store at `path` from a position that an earlier tail or `MetricStore.logEnd` gave, or from the
    /// oldest segment when that is newer.
    package init(
        store path: String, from position: RecordPosition, on fileSystem: any FileSystem = DiskFileSystem()
    ) throws(DurableError) {
        directory = FilePath.join(path, "wal")
        self.fileSystem = fileSystem
        reader = try RecordReader(directory, from: position, on: fileSystem)
    }

    /// Where reading goes on.
    package var position: RecordPosition { reader.position }

    /// Damaged places passed over so far.
    package var damaged: Int { reader.damaged }

    /// Visits the entries of the next record; false when all that is written has been read. A later call may give more.
    package mutating func next(_ visit: (LogEntry) -> Void) throws(DurableError) -> Bool {
        guard let record = try reader.next() else { return false }
        do {
            try record.withUnsafeBytes { try Self.read($0, visit) }
        } catch {
            malformed += 1
        }
        return true
    }

    /// The newest checkpoint: another one says that the log was truncated.
    package func newestCheckpoint() throws(DurableError) -> Int? {
        try CheckpointName.list(directory, on: fileSystem).last
    }

    /// Visits the series that the log names before the tail's position: those of the newest checkpoint and of the segments
    /// behind it. A series may come again.
    package func knownSeries(_ visit: (UInt64, UnsafeRawBufferPointer) -> Void) throws(DurableError) {
        if let checkpoint = try CheckpointName.list(directory, on: fileSystem).last {
            let path = FilePath.join(directory, CheckpointName.format(checkpoint))
            var records = try RecordReader(path, on: fileSystem)
            while let record = try records.next() { Self.series(record, visit) }
        }
        var records = try RecordReader(directory, on: fileSystem)
        while records.position < position, let record = try records.next() { Self.series(record, visit) }
    }

    private static func series(_ record: [UInt8], _ visit: (UInt64, UnsafeRawBufferPointer) -> Void) {
        record.withUnsafeBytes { record in
            guard LogDecoder.kind(record) == .series else { return }
            // The sound beginning of a malformed record counts.
            try? LogDecoder.series(record, visit)
        }
    }

    private static func read(
        _ record: UnsafeRawBufferPointer, _ visit: (LogEntry) -> Void
    ) throws(ByteCursorError) {
        switch LogDecoder.kind(record) {
        case .series: try LogDecoder.series(record) { visit(.series($0, $1)) }
        case .samples, .startTimeSamples: try LogDecoder.samples(record) { visit(.sample($0, $1, $2)) }
        case .exemplars: try LogDecoder.exemplars(record) { visit(.exemplar($0, $1, $2, $3)) }
        case .histograms, .floatHistograms, .customHistograms, .customFloatHistograms, .startTimeHistograms,
            .startTimeFloatHistograms:
            let isFloat = LogDecoder.kind(record)?.hasFloatCounts ?? false
            try LogDecoder.histograms(record) { ref, time, raw in
                guard let histogram = try? HistogramRecord.decode(raw, isFloat: isFloat) else { return }
                visit(.histogram(ref, time, histogram))
            }
        case .tombstones, .metadata, .headChunkMarkers, nil: break
        }
    }
}
