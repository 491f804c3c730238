extension Head {
    /// Times from which on samples are taken in any order; nil when that is not permitted.
    var outOfOrderFrom: Int64? {
        guard outOfOrderWindow > 0 else { return nil }
        let (oldest, underflow) = maxTime.subtractingReportingOverflow(outOfOrderWindow)
        return underflow ? .min : oldest
    }

    /// Whether blocks should have out-of-order samples before the head's own times are due: they take half of their limit.
    var hasMuchOutOfOrder: Bool { outOfOrder.memory > outOfOrderLimit / 2 }

    /// Takes samples that are not newer than those of their series, in any order, and gives how many; of those of one series
    /// and time the first counts.
    @discardableResult
    mutating func insertOutOfOrder(_ late: [(ref: SeriesRef, time: Int64, value: UInt64)]) -> Int {
        let taken = outOfOrder.insert(late)
        samplesAppended += taken
        return taken
    }

    /// The same for a native histogram; false when there is a sample of its series at its time already.
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
            insertOutOfOrder(zip(times, values).map { (ref, $0, $1.bitPattern) })
        } else if ChunkEncoding.isHistogram(entry.encoding) {
            HistogramChunkDecoder.decode(entry.encoding, bytes, from: .min, to: .max) { time, _, histogram in
                if histogram.isConsistent { _ = insertOutOfOrder(ref, time, histogram) }
            }
        }
    }
}
