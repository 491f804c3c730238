import Durable

/// Records of the log of out-of-order samples (`wbl/`): the kinds of the write-ahead log for samples and native histograms.
enum OutOfOrderRecords {
    /// Samples that a record has at most, about.
    private static let limit = 10_000

    /// The records of these samples.
    static func records(of series: [SeriesRef: OutOfOrderSamples]) -> RecordBatch {
        var batch = RecordBatch()
        var samples = LogEncoder()
        var histograms: [LogRecordKind: LogEncoder] = [:]
        for (ref, item) in series.sorted(by: { $0.key < $1.key }) {
            for (time, value) in zip(item.times, item.values) { samples.sample(UInt64(ref.raw), time, value) }
            for (time, histogram) in item.histograms { add(histogram, time, ref, to: &histograms) }
            if samples.count > limit * 12 {
                batch.add(samples.bytes)
                samples.removeAll()
            }
        }
        if !samples.isEmpty { batch.add(samples.bytes) }
        for (_, encoder) in histograms.sorted(by: { $0.key.rawValue < $1.key.rawValue }) { batch.add(encoder.bytes) }
        return batch
    }

    /// Adds a native histogram to the encoder of its kind.
    static func add(
        _ histogram: StoredHistogram, _ time: Int64, _ ref: SeriesRef, to encoders: inout [LogRecordKind: LogEncoder]
    ) {
        let kind = HistogramRecord.kind(histogram)
        HistogramRecord.encode(histogram).withUnsafeBytes {
            encoders[kind, default: LogEncoder()].histogram(kind, UInt64(ref.raw), time, $0)
        }
    }
}
