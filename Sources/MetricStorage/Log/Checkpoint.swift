import Durable
import MartletCore

/// Rewrites the old end of a write-ahead log with only what is still wanted, as Prometheus does:
/// `checkpoint.N` holds the live series, and the samples, native histograms, exemplars and deletions from a time on, of
/// the checkpoint before it and the segments up to N; afterwards those are removed. Records of unknown kinds, whose time
/// nobody can tell, are left out, as Prometheus leaves them out; of a malformed record the sound beginning is kept.
/// Start times of samples are not kept.
struct Checkpoint {
    let directory: String
    let fileSystem: any FileSystem
    let compression: RecordCompression
    /// Whether a series is still wanted.
    let keeps: (UInt64) -> Bool
    /// Samples before this time are left out.
    let minTime: Int64

    /// Writes the checkpoint for the segments up to `last` and publishes it under its name. On failure nothing is left.
    func write(upTo last: Int) throws {
        let name = FilePath.join(directory, CheckpointName.format(last))
        let temporary = name + AtomicFile.temporarySuffix
        do {
            try gather(upTo: last, into: temporary)
            try fileSystem.rename(temporary, to: name)
        } catch {
            // The first failure is the one to report; the next opening removes what is left.
            try? fileSystem.removeTree(temporary)
            throw error
        }
        try fileSystem.syncDirectory(directory)
    }

    private func gather(upTo last: Int, into temporary: String) throws {
        try fileSystem.removeTree(temporary)
        var options = RecordLog.Options()
        options.compression = compression
        // One sync at the end serves: nothing relies on the checkpoint before it is renamed.
        options.sync = .interval(seconds: 3600)
        let output = try RecordLog(temporary, options: options, on: fileSystem)
        var writer = CheckpointWriter(output)
        if let previous = try CheckpointName.list(directory, on: fileSystem).last {
            let path = FilePath.join(directory, CheckpointName.format(previous))
            let source = try RecordLog(path, options: options, on: fileSystem)
            _ = try source.replay(repair: false) { record, _ in try copy(record, &writer) }
        }
        let source = try RecordLog(directory, options: options, on: fileSystem)
        _ = try source.replay(upTo: last, repair: false) { record, _ in try copy(record, &writer) }
        try writer.finish()
        try output.close()
        try fileSystem.syncDirectory(temporary)
    }

    private func copy(
        _ record: UnsafeRawBufferPointer, _ writer: inout CheckpointWriter
    ) throws(DurableError) {
        // A malformed end must not keep the log from being truncated for ever; the replay at start reports it.
        try? gather(record, &writer)
        try writer.flush(beyond: 1 << 20)
    }

    private func gather(
        _ record: UnsafeRawBufferPointer, _ writer: inout CheckpointWriter
    ) throws(ByteCursorError) {
        switch LogDecoder.kind(record) {
        case .series:
            try LogDecoder.series(record) { if keeps($0) { writer.records.series.series($0, $1) } }
        case .samples, .startTimeSamples:
            try LogDecoder.samples(record) { if $1 >= minTime, keeps($0) { writer.records.samples.sample($0, $1, $2) } }
        case .exemplars:
            try LogDecoder.exemplars(record) {
                if $1 >= minTime, keeps($0) { writer.records.exemplars.exemplar($0, $1, $2, $3) }
            }
        case .tombstones:
            try LogDecoder.tombstones(record) {
                if $2 >= minTime, keeps($0) { writer.records.tombstones.tombstone($0, $1, $2) }
            }
        case .metadata:
            try LogDecoder.metadata(record) { if keeps($0) { writer.metadata[$0] = $1 } }
        case .headChunkMarkers: break
        case .some(let kind):
            try LogDecoder.histograms(record) {
                guard $1 >= minTime, keeps($0) else { return }
                let kind = kind.hasStartTimes ? HistogramRecord.kind($2, isFloat: kind.hasFloatCounts) : kind
                writer.records.histograms[kind, default: .init()].histogram(kind, $0, $1, $2)
            }
        case nil: break
        }
    }
}
