import PromQL

/// Decodes chunks of native histograms: encodings 2 and 3 (see `HistogramChunk`), and 5 and 6, which have start times
/// behind every sample.
///
/// Never reads outside its bytes: a chunk that ends too early gives the samples before the fault and `false`.
enum HistogramChunkDecoder {
    /// Visits the samples with `start <= t <= end`: time, start time (0 when not known), histogram. False when the chunk is
    /// cut off or malformed.
    @discardableResult
    static func decode(
        _ encoding: UInt8, _ bytes: UnsafeRawBufferPointer, from start: Int64, to end: Int64,
        _ visit: (Int64, Int64, StoredHistogram) -> Void
    ) -> Bool {
        guard bytes.count >= HistogramChunk.headerSize else { return bytes.isEmpty }
        let count = ChunkEncoding.sampleCount(encoding, bytes)
        guard count > 0 else { return true }
        let hasStarts =
            encoding == ChunkEncoding.histogramWithStart || encoding == ChunkEncoding.floatHistogramWithStart
        let reset = HistogramChunk.Reset(rawValue: bytes[hasStarts ? 0 : 2] >> 6) ?? .unknown
        var starts = StartTimeReader(header: hasStarts ? bytes[2] : 0)
        var reader = BitReader(bytes, fromByte: HistogramChunk.headerSize)
        guard var state = State(encoding, &reader) else { return false }
        for index in 0..<count {
            let previous = state.time
            guard index == 0 ? state.readFirst(&reader) : state.readNext(&reader) else { return false }
            let began = starts.read(index, time: state.time, previous: previous, &reader)
            if reader.isOverrun { return false }
            if state.time > end { return true }
            if state.time >= start { visit(state.time, began, state.sample(index, reset)) }
        }
        return true
    }

    /// What the samples read so far have come to. Numbers are count, zero count, positive and negative buckets.
    private struct State {
        let isFloat: Bool
        var time: Int64 = 0
        private let layout: StoredHistogram.Layout
        private let positiveCount: Int
        private var timeDelta: Int64 = 0
        private var sum: UInt64 = 0
        private var sumWindow = XORWindow()
        private var numbers: [UInt64]
        private var deltas: [Int64] = []
        private var windows: [XORWindow] = []

        init?(_ encoding: UInt8, _ reader: inout BitReader) {
            isFloat = encoding == ChunkEncoding.floatHistogram || encoding == ChunkEncoding.floatHistogramWithStart
            guard let layout = HistogramChunkLayout.read(&reader) else { return nil }
            self.layout = layout
            positiveCount = layout.positiveSpans.bucketCount
            let count = 2 + positiveCount + layout.negativeSpans.bucketCount
            // Every bucket of the first sample takes a bit at least.
            guard reader.hasBits(count) else { return nil }
            numbers = Array(repeating: 0, count: count)
            if isFloat {
                windows = Array(repeating: XORWindow(), count: count)
            } else {
                deltas = Array(repeating: 0, count: count)
            }
        }

        mutating func readFirst(_ reader: inout BitReader) -> Bool {
            time = reader.varbit()
            for index in 0..<2 { numbers[index] = isFloat ? reader.bits(64) : reader.uvarbit() }
            sum = reader.bits(64)
            for index in 2..<numbers.count {
                numbers[index] = isFloat ? reader.bits(64) : UInt64(bitPattern: reader.varbit())
            }
            return true
        }

        mutating func readNext(_ reader: inout BitReader) -> Bool {
            timeDelta &+= reader.varbit()
            time &+= timeDelta
            guard readNumber(0, &reader), readNumber(1, &reader), reader.xor(&sum, &sumWindow) else { return false }
            if isStale { return true }
            for index in 2..<numbers.count { guard readNumber(index, &reader) else { return false } }
            return true
        }

        private mutating func readNumber(_ index: Int, _ reader: inout BitReader) -> Bool {
            if isFloat { return reader.xor(&numbers[index], &windows[index]) }
            deltas[index] &+= reader.varbit()
            numbers[index] = UInt64(bitPattern: Int64(bitPattern: numbers[index]) &+ deltas[index])
            return true
        }

        private var isStale: Bool { sum == StoredHistogram.stale(isFloat: isFloat).sum.bitPattern }

        func sample(_ index: Int, _ reset: HistogramChunk.Reset) -> StoredHistogram {
            if isStale { return .stale(isFloat: isFloat) }
            var histogram = StoredHistogram(isFloat: isFloat)
            histogram.layout = layout
            histogram.count = numbers[0]
            histogram.zeroCount = numbers[1]
            histogram.sum = Double(bitPattern: sum)
            histogram.positive = counts(2..<2 + positiveCount)
            histogram.negative = counts(2 + positiveCount..<numbers.count)
            // Within a chunk there are no resets. That the one before it is still there is not known.
            switch reset {
            case .gauge: histogram.hint = .gauge
            case .reset where index == 0: histogram.hint = .reset
            default: histogram.hint = index == 0 ? .unknown : .notReset
            }
            return histogram
        }

        private func counts(_ range: Range<Int>) -> [UInt64] {
            if isFloat { return Array(numbers[range]) }
            var total: UInt64 = 0
            return numbers[range].map { difference in
                total &+= difference
                return total
            }
        }
    }
}
