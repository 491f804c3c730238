import Durable
import MartletCore

extension MetricStore {
    /// Writes what is new about metric families to the log, each on a series of the family: a record names a series, and
    /// is kept by checkpoints for as long as that lives. Families without a series wait.
    func writeMetadata() throws(DurableError) {
        try write(metadata.takeNews())
    }

    /// Writes again what stands in records of series that are gone, and what has waited for a series. To be called before
    /// the log is truncated.
    func rewriteMetadata() throws(DurableError) {
        let all = metadata.all()
        let lost = head.withLock { box in all.filter { !box.head.table.contains($0.value.series) } }
        try write(lost.merging(metadata.takeNews()) { $1 })
    }

    private func write(_ families: [String: MetadataTable.Known]) throws(DurableError) {
        guard !families.isEmpty else { return }
        var batch = RecordBatch()
        var record = LogEncoder()
        var written: [String: SeriesRef] = [:]
        for (family, known) in families.sorted(by: { $0.key < $1.key }) {
            guard let (ref, metric) = representative(of: family, type: known.entry.type) else { continue }
            record.metadata(UInt64(ref.raw), MetadataRecord(known.entry, family: family, metric: metric))
            written[family] = ref
            if record.count > 1 << 20 {
                batch.add(record.bytes)
                record.removeAll()
            }
        }
        if !record.isEmpty { batch.add(record.bytes) }
        do throws(DurableError) {
            if !batch.isEmpty { try log.append(batch) }
        } catch {
            metadata.putBack(families.keys)
            throw error
        }
        metadata.note(written)
    }

    /// The oldest series of a family that lives, and its metric.
    private func representative(of family: String, type: String) -> (SeriesRef, metric: String)? {
        head.withLock { box in
            for metric in MetricFamily.metrics(of: family, type: type) {
                let series = box.head.index.union(Labels.metricName, values: [metric])
                if let ref = series.lazy.map(SeriesRef.init(raw:)).first(where: { box.head.table.contains($0) }) {
                    return (ref, metric)
                }
            }
            return nil
        }
    }
}
