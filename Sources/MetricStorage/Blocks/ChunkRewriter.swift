import PromQL
import SampleMath

/// Samples of one series on their way from chunks into new ones: where chunks are merged or samples deleted.
///
/// Start times of encodings 4 to 6 do not survive it; chunks that nothing overlaps and nothing was deleted from are copied
/// instead.
struct ChunkRewriter {
    private var floats = SampleColumns()
    private var histograms: [(time: Int64, value: StoredHistogram)] = []

    /// Adds the samples of a chunk that are not deleted. At a time that is there already the earlier chunk's sample stays.
    /// False when the chunk is malformed.
    mutating func add(_ encoding: UInt8, _ bytes: UnsafeRawBufferPointer, without deleted: DeletedTimes?) -> Bool {
        let middle = floats.count
        switch encoding {
        case ChunkEncoding.xor:
            guard
                ChunkDecoder.decode(
                    bytes, from: .min, to: .max, times: &floats.timestamps, values: &floats.values)
            else { return false }
        case ChunkEncoding.xor2:
            guard
                XOR2Decoder.decode(bytes, from: .min, to: .max, { time, _, value in floats.append(time, value) })
            else { return false }
        default:
            return addHistograms(encoding, bytes, deleted)
        }
        deleted?.remove(from: &floats, at: middle)
        floats.settle(from: middle, after: 0)
        return true
    }

    /// Adds samples that came out of order and are not deleted.
    mutating func add(_ samples: OutOfOrderSamples, without deleted: DeletedTimes?) {
        let middle = floats.count
        for (time, value) in zip(samples.times, samples.values) { floats.append(time, Double(bitPattern: value)) }
        deleted?.remove(from: &floats, at: middle)
        floats.settle(from: middle, after: 0)
        for (time, histogram) in samples.histograms where !(deleted?.covers(time, time) ?? false) {
            histograms.append((time, histogram))
        }
    }

    /// Adds samples as queries read them, whose histograms have floats as counts.
    mutating func add(_ samples: SeriesSamples) {
        floats = samples.floats
        histograms = zip(samples.histograms.timestamps, samples.histograms.values).map {
            (time: $0, value: StoredHistogram($1))
        }
    }

    private mutating func addHistograms(
        _ encoding: UInt8, _ bytes: UnsafeRawBufferPointer, _ deleted: DeletedTimes?
    ) -> Bool {
        let before = histograms
        var isConsistent = true
        let isWhole = HistogramChunkDecoder.decode(encoding, bytes, from: .min, to: .max) { time, _, histogram in
            isConsistent = isConsistent && histogram.isConsistent
            if !(deleted?.covers(time, time) ?? false) { histograms.append((time, histogram)) }
        }
        if let last = before.last, histograms.count > before.count, histograms[before.count].time <= last.time {
            let known = Set(before.map(\.time))
            let fresh = histograms[before.count...].filter { !known.contains($0.time) }
            histograms = (before + fresh).sorted { $0.time < $1.time }
            // Hints speak of the sample before in the chunk that a histogram came from.
            for index in histograms.indices where histograms[index].value.hint != .gauge {
                histograms[index].value.hint = .unknown
            }
        }
        return isWhole && isConsistent
    }

    /// Gives the chunks of the samples, oldest first.
    func encode<E: Error>(
        _ visit: (_ encoding: UInt8, _ first: Int64, _ last: Int64, UnsafeRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        var next = 0
        var index = 0
        while index < histograms.count {
            let time = histograms[index].time
            let end = floats.timestamps[next...].firstIndex { $0 >= time } ?? floats.count
            try encodeFloats(next..<end, visit)
            next = end
            // A float at the very time of a histogram gives way.
            if next < floats.count, floats.timestamps[next] == time { next += 1 }
            let limit = next < floats.count ? floats.timestamps[next] : .max
            let last = histograms[index...].dropFirst().firstIndex { $0.time >= limit } ?? histograms.count
            try encodeHistograms(index..<last, visit)
            index = last
        }
        try encodeFloats(next..<floats.count, visit)
    }

    private func encodeFloats<E: Error>(
        _ range: Range<Int>, _ visit: (UInt8, Int64, Int64, UnsafeRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        try ChunkEncoder.encode(floats, range) { (first, last, bytes) throws(E) in
            try visit(ChunkEncoding.xor, first, last, bytes)
        }
    }

    private func encodeHistograms<E: Error>(
        _ range: Range<Int>, _ visit: (UInt8, Int64, Int64, UnsafeRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        var chunk: HistogramChunk?
        func finish(_ chunk: HistogramChunk) throws(E) {
            var failure: E?
            chunk.bytes.withUnsafeBytes { bytes in
                do throws(E) {
                    try visit(chunk.encoding, chunk.firstTime, chunk.lastTime, bytes)
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
        }
        for index in range {
            let (time, sample) = histograms[index]
            if chunk == nil {
                chunk = .beginning(with: sample, at: time)
            } else if let closed = chunk?.take(sample, at: time, isDue: false) ?? nil {
                try finish(closed)
            }
        }
        if let chunk { try finish(chunk) }
    }
}
