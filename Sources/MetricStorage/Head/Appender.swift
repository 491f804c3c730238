import Durable

/// Turns a batch into log records and head appends. One at a time uses it, under the store's append lock; its buffers
/// are kept from batch to batch.
struct Appender {
    /// Series made but not yet in the log: they go before the samples, and stay here when the write fails.
    private var newSeries = LogEncoder()
    private var samples = LogEncoder()
    private var exemplars = LogEncoder()
    private var refs: [SeriesRef] = []
    private var times: [Int64] = []
    private var values: [UInt64] = []

    /// Finds or makes the series of a batch and sorts out the samples that the rules permit. The head keeps the series
    /// until `apply` or `abandon`.
    mutating func resolve(
        _ batch: inout SampleBatch, in head: inout Head, mayCreate: Bool, _ result: inout AppendResult
    ) {
        head.beginBatch()
        samples.removeAll()
        exemplars.removeAll()
        refs.removeAll(keepingCapacity: true)
        times.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        for index in batch.entries.indices {
            let reason = find(index, &batch, &head, mayCreate, &result)
            admit(index, batch, head, reason, &result)
        }
        for exemplar in batch.exemplars {
            let ref = batch.entries[exemplar.entry].ref
            guard head.table.contains(ref) else { continue }
            batch.withLabels(exemplar) { exemplars.exemplar(UInt64(ref.raw), exemplar.time, exemplar.value, $0) }
        }
    }

    /// The records of what was resolved: series first.
    func records() -> RecordBatch {
        var batch = RecordBatch()
        if !newSeries.isEmpty { batch.add(newSeries.bytes) }
        if !samples.isEmpty { batch.add(samples.bytes) }
        if !exemplars.isEmpty { batch.add(exemplars.bytes) }
        return batch
    }

    /// Appends to the head what `records` has brought into the log.
    mutating func apply(to head: inout Head, _ result: inout AppendResult) {
        newSeries.removeAll()
        // The rules were asked in `resolve`; what they permitted is in the log and counts, also when the retention has
        // moved on meanwhile.
        for index in refs.indices {
            if head.append(refs[index], times[index], values[index], floor: .min) { result.appended += 1 }
        }
        head.endBatch()
    }

    /// Gives up what was resolved: the log did not take it.
    func abandon(in head: inout Head) { head.endBatch() }

    /// Finds or makes the series of an entry; the reason when there is none.
    private mutating func find(
        _ index: Int, _ batch: inout SampleBatch, _ head: inout Head, _ mayCreate: Bool, _ result: inout AppendResult
    ) -> SampleRejection? {
        let entry = batch.entries[index]
        if entry.ref != .none { return head.table.contains(entry.ref) ? nil : .unknownSeries }
        let found = batch.withLabels(index) { labels -> SeriesRef? in
            guard let (ref, isNew) = head.intern(labels, hash: entry.hash, mayCreate: mayCreate) else { return nil }
            if isNew {
                newSeries.series(UInt64(ref.raw), labels)
                result.created += 1
            }
            return ref
        }
        guard let found else { return .memoryLimit }
        batch.setRef(index, found)
        return nil
    }

    private mutating func admit(
        _ index: Int, _ batch: SampleBatch, _ head: borrowing Head, _ reason: SampleRejection?,
        _ result: inout AppendResult
    ) {
        let entry = batch.entries[index]
        var last = head.last(entry.ref) ?? (.min, 0)
        for sample in entry.sampleStart..<entry.sampleEnd {
            let time = batch.times[sample]
            let value = batch.values[sample]
            let verdict =
                reason.map(Optional.some)
                ?? Head.verdict(
                    time, value, lastTime: last.time, lastValue: last.value, acceptedFrom: head.acceptedFrom)
            switch verdict {
            case .none:
                last = (time, value)
                refs.append(entry.ref)
                times.append(time)
                values.append(value)
                samples.sample(UInt64(entry.ref.raw), time, value)
            case .some(.none):
                result.appended += 1
            case .some(.some(let rejection)):
                result.rejected.append(.init(entry: index, timeMs: time, reason: rejection))
            }
        }
    }
}
