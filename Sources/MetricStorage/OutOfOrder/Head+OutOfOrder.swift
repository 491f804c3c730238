extension Head {
    /// Times from which on samples are taken in any order; nil when that is not permitted.
    var outOfOrderFrom: Int64? {
        guard outOfOrderWindow > 0 else { return nil }
        let (oldest, underflow) = maxTime.subtractingReportingOverflow(outOfOrderWindow)
        return underflow ? .min : oldest
    }

    /// Whether blocks should have out-of-order samples before the head's own times are due: they take half of their limit.
    var hasMuchOutOfOrder: Bool { outOfOrder.memory > outOfOrderLimit / 2 }

    /// Takes a sample that is not newer than those of its series; false when there is one of its kind at its time already.
    mutating func insertOutOfOrder(_ ref: SeriesRef, _ time: Int64, _ value: UInt64) -> Bool {
        guard outOfOrder.insert(ref, time, value) else { return false }
        samplesAppended += 1
        return true
    }

    /// The same for many samples, in any order; of those of one series and time the first counts.
    mutating func insertOutOfOrder(_ late: [(ref: SeriesRef, time: Int64, value: UInt64)]) {
        samplesAppended += outOfOrder.insert(late)
    }

    /// The same for a native histogram.
    mutating func insertOutOfOrder(_ ref: SeriesRef, _ time: Int64, _ value: StoredHistogram) -> Bool {
        guard outOfOrder.insert(ref, time, value) else { return false }
        samplesAppended += 1
        return true
    }

    /// Takes in the samples of a head chunk that another writer has marked as out of order.
    mutating func restoreOutOfOrder(_ ref: SeriesRef, _ address: ChunkAddress) {
        guard table.contains(ref), let (entry, bytes) = arena.chunk(address) else { return }
        if entry.encoding == ChunkEncoding.xor {
            var (times, values): ([Int64], [Double]) = ([], [])
            ChunkDecoder.decode(bytes, from: .min, to: .max, times: &times, values: &values)
            for (time, value) in zip(times, values) { _ = insertOutOfOrder(ref, time, value.bitPattern) }
        } else if ChunkEncoding.isHistogram(entry.encoding) {
            HistogramChunkDecoder.decode(entry.encoding, bytes, from: .min, to: .max) { time, _, histogram in
                if histogram.isConsistent { _ = insertOutOfOrder(ref, time, histogram) }
            }
        }
    }
}
