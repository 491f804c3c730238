import Durable
import MartletCore

/// Gathers what a checkpoint keeps into records of about a mebibyte.
struct CheckpointWriter {
    private let log: RecordLog
    var series = LogEncoder()
    var samples = LogEncoder()
    var exemplars = LogEncoder()
    var tombstones = LogEncoder()
    /// Native histograms, by the kind of their record.
    var histograms: [LogRecordKind: LogEncoder] = [:]
    /// By series; written at the end, since only the newest counts.
    var metadata: [UInt64: MetadataRecord] = [:]

    init(_ log: RecordLog) {
        self.log = log
    }

    /// Writes out what was gathered when it is more than `limit` bytes. Series come before what refers to them.
    mutating func flush(beyond limit: Int) throws(DurableError) {
        let plain = series.count + samples.count + exemplars.count + tombstones.count
        guard histograms.values.reduce(plain, { $0 + $1.count }) > limit else { return }
        var batch = RecordBatch()
        for encoder in [series, samples, tombstones, exemplars] where !encoder.isEmpty { batch.add(encoder.bytes) }
        for (_, encoder) in histograms.sorted(by: { $0.key.rawValue < $1.key.rawValue }) { batch.add(encoder.bytes) }
        series.removeAll()
        samples.removeAll()
        tombstones.removeAll()
        exemplars.removeAll()
        histograms.removeAll()
        try log.append(batch)
    }

    /// Writes all that is left.
    mutating func finish() throws(DurableError) {
        try flush(beyond: 0)
        var encoder = LogEncoder()
        for (ref, entry) in metadata.sorted(by: { $0.key < $1.key }) {
            encoder.metadata(ref, entry)
            if encoder.count > 1 << 20 {
                try log.append(encoder.bytes)
                encoder.removeAll()
            }
        }
        if !encoder.isEmpty { try log.append(encoder.bytes) }
    }
}
