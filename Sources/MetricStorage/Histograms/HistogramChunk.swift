import PromQL

/// Encodes native histograms of one layout into a chunk, in Prometheus' encodings 2 (whole counts) and 3 (floats):
///
///     u16 BE sample count | flags u8 | layout | first sample | further samples
///     layout   zero threshold | varbit schema | positive spans | negative spans | custom bounds, with their schema only
///     whole    varbit t | counts, then f64 sum, then the buckets as differences to the one before;
///              further on every number but the sum as the difference of differences, the sum as xor
///     floats   varbit t | f64 for all; further on t as the difference of differences, the others as xor
///
/// Source: Prometheus' tsdb/docs/format/chunks.md, and where that is silent its tsdb/chunkenc.
struct HistogramChunk {
    static let headerSize = 3
    /// A chunk is closed at this size, once it has `leastSamples`.
    static let wantedBytes = 1024
    static let leastSamples = 10

    /// The top two bits of the flags: what is known of a reset before the first sample.
    enum Reset: UInt8 {
        case unknown = 0b00
        case notReset = 0b01
        case reset = 0b10
        case gauge = 0b11
    }

    /// A number of which the differences of differences are written.
    private struct Integer {
        var value: Int64 = 0
        var delta: Int64 = 0

        mutating func change(to new: Int64) -> Int64 {
            let fresh = new &- value
            let change = fresh &- delta
            (value, delta) = (new, fresh)
            return change
        }
    }

    /// A number of which the changed bits are written.
    private struct Float {
        var bits: UInt64 = 0
        var window = XORWindow()
    }

    let isFloat: Bool
    let reset: Reset
    /// Layout of all samples.
    let layout: StoredHistogram.Layout
    private(set) var count = 0
    private(set) var firstTime: Int64 = 0
    /// The sample appended last, in the chunk's layout.
    private(set) var last: StoredHistogram
    private var buffer: BitBuffer
    private var time = Integer()
    private var integers: [Integer] = []
    private var floats: [Float] = []
    private var sum = Float()

    /// A chunk that begins with this sample.
    init(_ first: StoredHistogram, at time: Int64, reset: Reset) {
        isFloat = first.isFloat
        self.reset = reset
        // Nothing but the sum counts in a staleness marker.
        last = first.isStale ? .stale(isFloat: first.isFloat) : first
        layout = last.layout
        buffer = BitBuffer([0, 0, reset.rawValue << 6])
        HistogramChunkLayout.write(layout, &buffer)
        firstTime = time
        self.time.value = time
        buffer.varbit(time)
        if isFloat {
            floats = Self.numbers(last).map { Float(bits: $0) }
            for float in floats.prefix(2) { buffer.write(float.bits, 64) }
            buffer.write(last.sum.bitPattern, 64)
            for float in floats.dropFirst(2) { buffer.write(float.bits, 64) }
        } else {
            integers = Self.numbers(last).map { Integer(value: Int64(bitPattern: $0)) }
            for integer in integers.prefix(2) { buffer.uvarbit(UInt64(bitPattern: integer.value)) }
            buffer.write(last.sum.bitPattern, 64)
            for integer in integers.dropFirst(2) { buffer.varbit(integer.value) }
        }
        sum.bits = last.sum.bitPattern
        finish()
    }

    /// The encoding's number.
    var encoding: UInt8 { isFloat ? ChunkEncoding.floatHistogram : ChunkEncoding.histogram }
    var lastTime: Int64 { time.value }
    /// The encoded chunk.
    var bytes: [UInt8] { buffer.bytes }
    /// Whether a further sample belongs into a new chunk.
    var isFull: Bool { (bytes.count >= Self.wantedBytes && count >= Self.leastSamples) || count == Int(UInt16.max) }
    /// Bytes of memory held, about.
    var memory: Int { 512 + buffer.bytes.capacity + integers.count * 16 + floats.count * 16 + last.positive.count * 16 }

    /// Appends a later sample, which must have the chunk's layout or be a staleness marker.
    mutating func append(_ sample: StoredHistogram, at time: Int64) {
        let isStale = sample.isStale
        buffer.varbit(self.time.change(to: time))
        let numbers = isStale ? [0, 0] : Self.numbers(sample)
        for index in 0..<2 { append(isStale && !isFloat ? nil : numbers[index], at: index) }
        buffer.xor(sum.bits ^ sample.sum.bitPattern, &sum.window)
        sum.bits = sample.sum.bitPattern
        if !isStale { for index in 2..<numbers.count { append(numbers[index], at: index) } }
        last = isStale ? .stale(isFloat: isFloat) : sample
        finish()
    }

    /// Writes a number, or that its growth goes on as before.
    private mutating func append(_ number: UInt64?, at index: Int) {
        guard let number else { return buffer.varbit(0) }
        if isFloat {
            buffer.xor(floats[index].bits ^ number, &floats[index].window)
            floats[index].bits = number
        } else {
            buffer.varbit(integers[index].change(to: Int64(bitPattern: number)))
        }
    }

    private mutating func finish() {
        count += 1
        buffer.patch(0, UInt8(truncatingIfNeeded: count >> 8))
        buffer.patch(1, UInt8(truncatingIfNeeded: count))
    }

    /// Count, zero count and the buckets in the form in which they are written: whole counts of buckets as the difference
    /// to the bucket before.
    private static func numbers(_ sample: StoredHistogram) -> [UInt64] {
        var numbers = [sample.count, sample.zeroCount]
        numbers.reserveCapacity(2 + sample.positive.count + sample.negative.count)
        for side in [sample.positive, sample.negative] {
            var previous: UInt64 = 0
            for count in side {
                numbers.append(sample.isFloat ? count : count &- previous)
                previous = count
            }
        }
        return numbers
    }
}
