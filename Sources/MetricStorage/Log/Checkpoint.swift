import Durable
import MartletCore

/// Rewrites the old end of a write-ahead log with only what is still wanted, as Prometheus does:
/// `checkpoint.N` holds the live series, and the samples, exemplars and deletions from a time on, of the checkpoint
/// before it and the segments up to N; afterwards those are removed.
struct Checkpoint {
    let directory: String
    let fileSystem: any FileSystem
    let compression: RecordCompression
    /// Whether a series is still wanted.
    let keeps: (UInt64) -> Bool
    /// Samples before this time are left out.
    let minTime: Int64

    /// Writes the checkpoint for the segments up to `last` and publishes it under its name.
    func write(upTo last: Int, log: RecordLog) throws {
        let name = FilePath.join(directory, CheckpointName.format(last))
        let temporary = name + AtomicFile.temporarySuffix
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
        try fileSystem.rename(temporary, to: name)
        try fileSystem.syncDirectory(directory)
    }

    /// Removes the checkpoints before the one for `last`.
    func removeOlder(than last: Int) throws(DurableError) {
        for older in try CheckpointName.list(directory, on: fileSystem) where older < last {
            try fileSystem.removeTree(FilePath.join(directory, CheckpointName.format(older)))
        }
    }

    private func copy(_ record: UnsafeRawBufferPointer, _ writer: inout CheckpointWriter) throws {
        switch LogDecoder.kind(record) {
        case .series:
            try LogDecoder.series(record) { if keeps($0) { writer.series.series($0, $1) } }
        case .samples:
            try LogDecoder.samples(record) { if $1 >= minTime, keeps($0) { writer.samples.sample($0, $1, $2) } }
        case .exemplars:
            try LogDecoder.exemplars(record) {
                if $1 >= minTime, keeps($0) { writer.exemplars.exemplar($0, $1, $2, $3) }
            }
        case .tombstones:
            try LogDecoder.tombstones(record) {
                if $2 >= minTime, keeps($0) { writer.tombstones.tombstone($0, $1, $2) }
            }
        case .metadata:
            LogDecoder.collectMetadata(record, keeps, &writer.metadata)
        case .histograms, .floatHistograms, .customHistograms, .customFloatHistograms, nil:
            // Records of kinds that this version does not read are carried over whole, so that nothing is lost.
            try writer.raw(Array(record))
        }
        try writer.flush(beyond: 1 << 20)
    }
}
