import Glibc
import PromQL

/// The part of a histogram chunk that says where the buckets of its samples lie (see `HistogramChunk`).
enum HistogramChunkLayout {
    static func write(_ layout: StoredHistogram.Layout, _ buffer: inout BitBuffer) {
        writeZeroThreshold(layout.zeroThreshold, &buffer)
        buffer.varbit(Int64(layout.schema))
        for spans in [layout.positiveSpans, layout.negativeSpans] {
            buffer.uvarbit(UInt64(spans.count))
            for span in spans {
                buffer.uvarbit(UInt64(span.length))
                buffer.varbit(Int64(span.offset))
            }
        }
        guard layout.schema == NativeHistogram.customSchema else { return }
        buffer.uvarbit(UInt64(layout.customBounds.count))
        for bound in layout.customBounds { writeBound(bound, &buffer) }
    }

    /// Nil when the layout cannot be, or promises more than the chunk can hold.
    static func read(_ reader: inout BitReader) -> StoredHistogram.Layout? {
        var layout = StoredHistogram.Layout()
        layout.zeroThreshold = readZeroThreshold(&reader)
        guard let schema = Int32(exactly: reader.varbit()) else { return nil }
        layout.schema = schema
        guard let positive = readSpans(&reader), let negative = readSpans(&reader),
            positive.bucketCount + negative.bucketCount <= limit
        else { return nil }
        layout.positiveSpans = positive
        layout.negativeSpans = negative
        if schema == NativeHistogram.customSchema {
            let count = reader.uvarbit()
            guard count <= limit, reader.hasBits(Int(count)) else { return nil }
            for _ in 0..<count { layout.customBounds.append(readBound(&reader)) }
        }
        return reader.isOverrun ? nil : layout
    }

    private static let limit = UInt64(StoredHistogram.bucketLimit)

    private static func readSpans(_ reader: inout BitReader) -> [StoredHistogram.Span]? {
        let count = reader.uvarbit()
        guard count <= limit, reader.hasBits(Int(count)) else { return nil }
        var spans: [StoredHistogram.Span] = []
        var buckets: UInt64 = 0
        for _ in 0..<count {
            let length = reader.uvarbit()
            guard length <= limit, let offset = Int32(exactly: reader.varbit()) else { return nil }
            buckets += length
            guard buckets <= limit else { return nil }
            spans.append(.init(offset: offset, length: UInt32(length)))
        }
        return spans
    }

    /// A power of two from 2^-243 to 2^10 is its exponent in one byte; 0 is 0, all else 255 and the number.
    private static func writeZeroThreshold(_ threshold: Double, _ buffer: inout BitBuffer) {
        if threshold == 0 { return buffer.write(0, 8) }
        if threshold > 0, threshold.isNormal, threshold.significandBitPattern == 0,
            (-243...10).contains(threshold.exponent)
        {
            return buffer.write(UInt64(threshold.exponent + 244), 8)
        }
        buffer.write(255, 8)
        buffer.write(threshold.bitPattern, 64)
    }

    private static func readZeroThreshold(_ reader: inout BitReader) -> Double {
        switch reader.bits(8) {
        case 0: 0
        case 255: Double(bitPattern: reader.bits(64))
        case let byte: scalbn(1, Int32(byte) - 244)
        }
    }

    /// A multiple of 0.001 up to 33554.43 is counted in those from 1 on; all else is a zero bit and the number.
    private static func writeBound(_ bound: Double, _ buffer: inout BitBuffer) {
        let thousandths = bound * 1000
        if thousandths >= 0, thousandths <= 33_554_430, Double(UInt64(thousandths.rounded())) / 1000 == bound {
            return buffer.uvarbit(UInt64(thousandths.rounded()) + 1)
        }
        buffer.write(0, 1)
        buffer.write(bound.bitPattern, 64)
    }

    private static func readBound(_ reader: inout BitReader) -> Double {
        let thousandths = reader.uvarbit()
        return thousandths == 0 ? Double(bitPattern: reader.bits(64)) : Double(thousandths - 1) / 1000
    }
}
