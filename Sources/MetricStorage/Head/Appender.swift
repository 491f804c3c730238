import Durable
import MartletCore
import SampleMath

/// Turns a batch into log records and head appends. One at a time uses it, under the store's append lock; its buffers
/// are kept from batch to batch.
struct Appender {
    /// A sample that the rules permit. The record stays where it is until the head has heard `endBatch`.
    struct Admitted {
        let record: UnsafeMutablePointer<SeriesRecord>
        let ref: SeriesRef
        let time: Int64
        let value: UInt64
    }

    private struct SeriesSample: Hashable {
        let ref: SeriesRef
        let time: Int64
        let value: UInt64
    }

    /// Series made but not yet in the log: they go before the samples, and stay here when the write fails.
    private var newSeries = LogEncoder()
    private var exemplars = LogEncoder()
    private var admitted: [Admitted] = []
    private var admittedHistograms: [(ref: SeriesRef, time: Int64, value: StoredHistogram)] = []
    private var histograms: [LogRecordKind: LogEncoder] = [:]
    /// The series that `admittedHistograms` are of.
    private var histogramSeries: Set<SeriesRef> = []
    /// Samples that come later than their place, and are taken all the same.
    private var late: [(ref: SeriesRef, time: Int64, value: UInt64)] = []
    private var lateHistograms: [(ref: SeriesRef, time: Int64, value: StoredHistogram)] = []
    /// Samples of series that came more than once in the batch, behind a later one.
    private var displaced: [Admitted] = []
    /// Indices of the batch's exemplars that are taken.
    private var admittedExemplars: [Int] = []
    private var check = LabelCheck()
    private let limits: SeriesLimits

    /// An appender that makes no series beyond the limits.
    init(limits: SeriesLimits) {
        self.limits = limits
    }

    /// Finds or makes the series of a batch and sorts out the samples that the rules permit. The head keeps the series
    /// until `apply` or `abandon`.
    mutating func resolve(
        _ batch: inout SampleBatch, in head: inout Head, mayCreate: Bool, _ result: inout AppendResult
    ) {
        head.beginBatch()
        exemplars.removeAll()
        admitted.removeAll(keepingCapacity: true)
        admittedHistograms.removeAll(keepingCapacity: true)
        histograms.removeAll(keepingCapacity: true)
        if !histogramSeries.isEmpty { histogramSeries.removeAll(keepingCapacity: true) }
        late.removeAll(keepingCapacity: true)
        lateHistograms.removeAll(keepingCapacity: true)
        admittedExemplars.removeAll(keepingCapacity: true)
        admitted.reserveCapacity(batch.sampleCount)
        // Taken out, so that references can be filled in while labels are read.
        var entries: [SampleBatch.Entry] = []
        swap(&entries, &batch.entries)
        let acceptedFrom = head.acceptedFrom
        batch.labelBytes.withUnsafeBytes { labelBytes in
            var nextHistogram = 0
            for index in entries.indices {
                Self.prefetch(entries, index, head)
                let entry = entries[index]
                let labels = UnsafeRawBufferPointer(rebasing: labelBytes[entry.labelStart..<entry.labelEnd])
                let found = find(entry, labels, &head, mayCreate, &result)
                switch found {
                case .success(let (ref, record)):
                    entries[index].ref = ref
                    if entry.isTentative {
                        admitTentative(index, entry, ref, record, batch, head, acceptedFrom, &result)
                    } else {
                        admit(index, entry, ref, record, batch, head, acceptedFrom, &result)
                    }
                case .failure(let reason):
                    for sample in entry.sampleStart..<entry.sampleEnd where !entry.isTentative {
                        result.reject(index, batch.times[sample], reason)
                    }
                }
                while nextHistogram < batch.histograms.count, batch.histograms[nextHistogram].entry == index {
                    let sample = batch.histograms[nextHistogram]
                    nextHistogram += 1
                    switch found {
                    case .success(let (ref, record)):
                        if entry.isTentative,
                            head.verdict(sample.value, at: sample.time, ref, record.pointee, acceptedFrom: acceptedFrom)
                                != nil
                        {
                            continue
                        }
                        admit(index, sample.value, at: sample.time, ref, record, head, acceptedFrom, &result)
                    case .failure(let reason): if !entry.isTentative { result.reject(index, sample.time, reason) }
                    }
                }
            }
        }
        swap(&entries, &batch.entries)
        for (index, exemplar) in batch.exemplars.enumerated() {
            let ref = batch.entries[exemplar.entry].ref
            guard head.table.contains(ref) else { continue }
            batch.withLabels(exemplar) { labels in
                guard head.exemplars.accepts(ref, exemplar.time, exemplar.value, labels) else { return }
                exemplars.exemplar(UInt64(ref.raw), exemplar.time, exemplar.value, labels)
                admittedExemplars.append(index)
            }
        }
    }

    /// Asks for the memory of series that come next, in three steps, since each leads to the one after it.
    @inline(__always)
    private static func prefetch(_ entries: [SampleBatch.Entry], _ index: Int, _ head: borrowing Head) {
        if index + 12 < entries.count { head.table.prefetchSlot(entries[index + 12].hash) }
        if index + 8 < entries.count { head.table.prefetchRecord(entries[index + 8].hash) }
        if index + 4 < entries.count { head.table.prefetchLabels(entries[index + 4].hash) }
    }

    /// The records of what was resolved: series first. As in Prometheus' logs late samples are among them, for those who
    /// follow the log; a replay takes them from the log of their own, and here only those that come first in their series,
    /// which are the same.
    func records() -> RecordBatch {
        var batch = RecordBatch()
        if !newSeries.isEmpty { batch.add(newSeries.bytes) }
        if !admitted.isEmpty { batch.add { LogEncoder.append(admitted, to: &$0) } }
        for (_, encoder) in histograms.sorted(by: { $0.key.rawValue < $1.key.rawValue }) { batch.add(encoder.bytes) }
        addLate(to: &batch)
        if !exemplars.isEmpty { batch.add(exemplars.bytes) }
        return batch
    }

    /// The records for the log of samples that came out of order.
    func outOfOrderRecords() -> RecordBatch {
        var batch = RecordBatch()
        addLate(to: &batch)
        return batch
    }

    private func addLate(to batch: inout RecordBatch) {
        var samples = LogEncoder()
        for sample in late { samples.sample(UInt64(sample.ref.raw), sample.time, sample.value) }
        if !samples.isEmpty { batch.add(samples.bytes) }
        var histograms: [LogRecordKind: LogEncoder] = [:]
        for sample in lateHistograms { OutOfOrderRecords.add(sample.value, sample.time, sample.ref, to: &histograms) }
        for (_, encoder) in histograms.sorted(by: { $0.key.rawValue < $1.key.rawValue }) { batch.add(encoder.bytes) }
    }

    /// Appends to the head what `records` and `outOfOrderRecords` have brought into the logs.
    mutating func apply(to head: inout Head, _ batch: borrowing SampleBatch, _ result: inout AppendResult) {
        newSeries.removeAll()
        // The rules were asked in `resolve`; what they permitted is in the log and counts, also when the retention has
        // moved on meanwhile.
        displaced.removeAll()
        result.appended += head.append(admitted, displaced: &displaced)
        for sample in admittedHistograms where head.append(sample.value, at: sample.time, to: sample.ref, floor: .min) {
            result.appended += 1
        }
        // One that is there already is a repetition, which costs nobody anything.
        head.insertOutOfOrder(late)
        for sample in lateHistograms { _ = head.insertOutOfOrder(sample.ref, sample.time, sample.value) }
        result.appended += late.count + lateHistograms.count
        result.exemplars += admittedExemplars.count
        for index in admittedExemplars {
            let exemplar = batch.exemplars[index]
            batch.withLabels(exemplar) {
                head.exemplars.add(batch.entries[exemplar.entry].ref, exemplar.time, exemplar.value, $0)
            }
        }
        if !displaced.isEmpty { settleDisplaced(in: &head, batch, &result) }
        head.endBatch()
    }

    /// Takes displaced samples out of order where that is permitted, and rejects the others; afterwards
    /// `outOfOrderRecords` has those that were taken.
    @inline(never)
    private mutating func settleDisplaced(
        in head: inout Head, _ batch: borrowing SampleBatch, _ result: inout AppendResult
    ) {
        var entries: [SeriesSample: Int] = [:]
        for (index, entry) in batch.entries.enumerated() where !entry.isTentative {
            for sample in entry.sampleStart..<entry.sampleEnd {
                entries[
                    SeriesSample(ref: entry.ref, time: batch.times[sample], value: batch.values[sample])] = index
            }
        }
        late.removeAll()
        lateHistograms.removeAll()
        for sample in displaced {
            // Of those that were tried nobody hears.
            guard let entry = entries[SeriesSample(ref: sample.ref, time: sample.time, value: sample.value)] else {
                continue
            }
            let isLast = sample.time == sample.record.pointee.chunk.lastTime
            let reason = isLast ? SampleRejection.duplicate : .outOfOrder
            if comesLate(reason, entry, sample.time, head, &result) {
                late.append((sample.ref, sample.time, sample.value))
            }
        }
        head.insertOutOfOrder(late)
        result.appended += late.count
    }

    /// Whether applying has made late samples of some that were not.
    var hasDisplaced: Bool { !displaced.isEmpty && !late.isEmpty }

    /// Gives up what was resolved: the log did not take it.
    func abandon(in head: inout Head) { head.endBatch() }

    private typealias Found = Result<(SeriesRef, UnsafeMutablePointer<SeriesRecord>), SampleRejection>

    /// Finds or makes the series of an entry; the reason when there is none.
    @inline(__always)
    private mutating func find(
        _ entry: SampleBatch.Entry, _ labels: UnsafeRawBufferPointer, _ head: inout Head, _ mayCreate: Bool,
        _ result: inout AppendResult
    ) -> Found {
        let ref = entry.ref != .none ? entry.ref : head.table.find(labels, hash: entry.hash) ?? .none
        if let record = head.table.record(ref) { return .success((ref, record)) }
        return entry.ref == .none ? make(entry, labels, &head, mayCreate, &result) : .failure(.unknownSeries)
    }

    /// The series of labels that no series is known by in this form.
    @inline(never)
    private mutating func make(
        _ entry: SampleBatch.Entry, _ labels: UnsafeRawBufferPointer, _ head: inout Head, _ mayCreate: Bool,
        _ result: inout AppendResult
    ) -> Found {
        if entry.isChecked { return make(labels, entry.hash, &head, mayCreate, &result) }
        if let reason = check.take(labels) { return .failure(reason) }
        return check.canonical.withUnsafeBytes { canonical in
            make(canonical, Hash64.hash(canonical), &head, mayCreate, &result)
        }
    }

    private mutating func make(
        _ labels: UnsafeRawBufferPointer, _ hash: UInt64, _ head: inout Head, _ mayCreate: Bool,
        _ result: inout AppendResult
    ) -> Found {
        if let known = head.table.find(labels, hash: hash), let record = head.table.record(known) {
            return .success((known, record))
        }
        if let reason = limits.breach(labels, beside: head.table.count) { return .failure(reason) }
        guard mayCreate, let ref = head.add(labels, hash: hash), let record = head.table.record(ref) else {
            return .failure(.memoryLimit)
        }
        newSeries.series(UInt64(ref.raw), labels)
        result.created += 1
        return .success((ref, record))
    }

    @inline(__always)
    private mutating func admit(
        _ index: Int, _ entry: SampleBatch.Entry, _ ref: SeriesRef, _ record: UnsafeMutablePointer<SeriesRecord>,
        _ batch: borrowing SampleBatch, _ head: borrowing Head, _ acceptedFrom: Int64, _ result: inout AppendResult
    ) {
        if record.pointee.hasHistogram {
            return admitFloats(index, entry, ref, record, batch, head, acceptedFrom, &result)
        }
        var lastTime = record.pointee.chunk.lastTime
        var lastValue = record.pointee.chunk.lastValueBits
        for sample in entry.sampleStart..<entry.sampleEnd {
            let time = batch.times[sample]
            let value = batch.values[sample]
            switch Head.verdict(time, value, lastTime: lastTime, lastValue: lastValue, acceptedFrom: acceptedFrom) {
            case .none:
                (lastTime, lastValue) = (time, value)
                admitted.append(Admitted(record: record, ref: ref, time: time, value: value))
            case .some(.none): result.appended += 1
            case .some(.some(let reason)):
                if comesLate(reason, index, time, head, &result) { late.append((ref, time, value)) }
            }
        }
    }

    /// Samples that have their place; of the others nobody hears. A staleness marker behind a native histogram becomes one
    /// of its kind, and has no place where the batch itself brings the series a native histogram.
    @inline(never)
    private mutating func admitTentative(
        _ index: Int, _ entry: SampleBatch.Entry, _ ref: SeriesRef, _ record: UnsafeMutablePointer<SeriesRecord>,
        _ batch: borrowing SampleBatch, _ head: borrowing Head, _ acceptedFrom: Int64, _ result: inout AppendResult
    ) {
        var lastTime = record.pointee.chunk.lastTime
        for sample in entry.sampleStart..<entry.sampleEnd {
            let time = batch.times[sample]
            guard time > lastTime, time >= acceptedFrom else { continue }
            lastTime = time
            let value = batch.values[sample]
            guard StaleNaN.isStale(Double(bitPattern: value)) else {
                admitted.append(Admitted(record: record, ref: ref, time: time, value: value))
                continue
            }
            if histogramSeries.contains(ref) { continue }
            if let last = head.histograms[ref]?.last {
                admit(index, .stale(isFloat: last.isFloat), at: time, ref, record, head, acceptedFrom, &result)
            } else {
                admitted.append(Admitted(record: record, ref: ref, time: time, value: value))
            }
        }
    }

    /// Floats for a series whose last sample is a native histogram: a staleness marker becomes one of its kind.
    @inline(never)
    private mutating func admitFloats(
        _ index: Int, _ entry: SampleBatch.Entry, _ ref: SeriesRef, _ record: UnsafeMutablePointer<SeriesRecord>,
        _ batch: borrowing SampleBatch, _ head: borrowing Head, _ acceptedFrom: Int64, _ result: inout AppendResult
    ) {
        var lastTime = record.pointee.chunk.lastTime
        for sample in entry.sampleStart..<entry.sampleEnd {
            let time = batch.times[sample]
            let value = batch.values[sample]
            if StaleNaN.isStale(Double(bitPattern: value)), let last = head.histograms[ref]?.last {
                admit(index, .stale(isFloat: last.isFloat), at: time, ref, record, head, acceptedFrom, &result)
                continue
            }
            // What is at the time of a histogram is no repetition of it.
            switch Head.verdict(time, value, lastTime: lastTime, lastValue: ~value, acceptedFrom: acceptedFrom) {
            case .none:
                lastTime = time
                admitted.append(Admitted(record: record, ref: ref, time: time, value: value))
            case .some(.none): result.appended += 1
            case .some(.some(let reason)):
                if comesLate(reason, index, time, head, &result) { late.append((ref, time, value)) }
            }
        }
    }

    private mutating func admit(
        _ index: Int, _ sample: StoredHistogram, at time: Int64, _ ref: SeriesRef,
        _ record: UnsafeMutablePointer<SeriesRecord>, _ head: borrowing Head, _ acceptedFrom: Int64,
        _ result: inout AppendResult
    ) {
        switch head.verdict(sample, at: time, ref, record.pointee, acceptedFrom: acceptedFrom) {
        case .none:
            admittedHistograms.append((ref, time, sample))
            histogramSeries.insert(ref)
            let kind = HistogramRecord.kind(sample)
            HistogramRecord.encode(sample).withUnsafeBytes {
                histograms[kind, default: LogEncoder()].histogram(kind, UInt64(ref.raw), time, $0)
            }
        case .some(.none): result.appended += 1
        case .some(.some(let reason)):
            if comesLate(reason, index, time, head, &result) { lateHistograms.append((ref, time, sample)) }
        }
    }

    /// Whether a sample that has no place among those in order is taken out of order; it is rejected when it is not.
    @inline(never)
    private func comesLate(
        _ reason: SampleRejection, _ index: Int, _ time: Int64, _ head: borrowing Head, _ result: inout AppendResult
    ) -> Bool {
        guard reason == .outOfOrder || reason == .outOfBounds, let from = head.outOfOrderFrom else {
            result.reject(index, time, reason)
            return false
        }
        guard time >= from else {
            result.reject(index, time, .tooOld)
            return false
        }
        guard head.outOfOrder.memory + late.count * 16 < head.outOfOrderLimit else {
            result.reject(index, time, .memoryLimit)
            return false
        }
        return true
    }
}
