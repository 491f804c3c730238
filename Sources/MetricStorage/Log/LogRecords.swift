import Durable

/// Gathers entries of a log into records of about a mebibyte, series before what refers to them.
struct LogRecords {
    var series = LogEncoder()
    var samples = LogEncoder()
    var exemplars = LogEncoder()
    var tombstones = LogEncoder()
    /// Native histograms, by the kind of their record.
    var histograms: [LogRecordKind: LogEncoder] = [:]

    /// Moves what was gathered into `batch` when it is more than `limit` bytes.
    mutating func drain(beyond limit: Int, into batch: inout RecordBatch) {
        let plain = series.count + samples.count + exemplars.count + tombstones.count
        guard histograms.values.reduce(plain, { $0 + $1.count }) > limit else { return }
        for encoder in [series, samples, tombstones, exemplars] where !encoder.isEmpty { batch.add(encoder.bytes) }
        for (_, encoder) in histograms.sorted(by: { $0.key.rawValue < $1.key.rawValue }) { batch.add(encoder.bytes) }
        series.removeAll()
        samples.removeAll()
        tombstones.removeAll()
        exemplars.removeAll()
        histograms.removeAll()
    }
}
