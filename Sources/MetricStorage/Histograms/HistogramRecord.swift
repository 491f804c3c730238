import MartletCore
import PromQL

/// A native histogram within a record of the write-ahead log. Whole counts are LEB128, floats f64, all big endian:
///
///     hint u8 | varint schema | f64 zero threshold | zero count | count | f64 sum |
///     {uvarint spans | {varint offset, uvarint length}*} of the positive and the negative side |
///     {uvarint buckets | {varint difference to the bucket before, or f64}*} of both sides |
///     uvarint bounds | f64*, with the schema of custom buckets only
enum HistogramRecord {
    /// The kind of record that a histogram goes into.
    static func kind(_ histogram: StoredHistogram) -> LogRecordKind {
        kind(isFloat: histogram.isFloat, isCustom: histogram.layout.schema == NativeHistogram.customSchema)
    }

    /// The same for one that is encoded already.
    static func kind(_ encoded: UnsafeRawBufferPointer, isFloat: Bool) -> LogRecordKind {
        var cursor = ByteCursor(encoded, offset: 1)
        let schema = try? cursor.varint()
        return kind(isFloat: isFloat, isCustom: schema == Int64(NativeHistogram.customSchema))
    }

    private static func kind(isFloat: Bool, isCustom: Bool) -> LogRecordKind {
        if isFloat { return isCustom ? .customFloatHistograms : .floatHistograms }
        return isCustom ? .customHistograms : .histograms
    }

    static func encode(_ histogram: StoredHistogram) -> [UInt8] {
        var writer = ByteWriter()
        let layout = histogram.layout
        writer.u8(histogram.hint.rawValue)
        writer.varint(Int64(layout.schema))
        writer.u64BE(layout.zeroThreshold.bitPattern)
        for count in [histogram.zeroCount, histogram.count] {
            if histogram.isFloat { writer.u64BE(count) } else { writer.uvarint(count) }
        }
        writer.u64BE(histogram.sum.bitPattern)
        for spans in [layout.positiveSpans, layout.negativeSpans] {
            writer.uvarint(UInt64(spans.count))
            for span in spans {
                writer.varint(Int64(span.offset))
                writer.uvarint(UInt64(span.length))
            }
        }
        for side in [histogram.positive, histogram.negative] {
            writer.uvarint(UInt64(side.count))
            var previous: UInt64 = 0
            for count in side {
                if histogram.isFloat {
                    writer.u64BE(count)
                } else {
                    writer.varint(Int64(bitPattern: count &- previous))
                }
                previous = count
            }
        }
        if layout.schema == NativeHistogram.customSchema {
            writer.uvarint(UInt64(layout.customBounds.count))
            for bound in layout.customBounds { writer.u64BE(bound.bitPattern) }
        }
        return writer.bytes
    }

    /// Nil when spans and buckets do not fit or the numbers leave their range.
    static func decode(
        _ raw: UnsafeRawBufferPointer, isFloat: Bool
    ) throws(ByteCursorError) -> StoredHistogram? {
        var cursor = ByteCursor(raw)
        var histogram = StoredHistogram(isFloat: isFloat)
        guard let hint = NativeHistogram.ResetHint(rawValue: try cursor.u8()),
            let schema = Int32(exactly: try cursor.varint())
        else { return nil }
        histogram.hint = hint
        histogram.layout.schema = schema
        histogram.layout.zeroThreshold = Double(bitPattern: try cursor.u64BE())
        histogram.zeroCount = isFloat ? try cursor.u64BE() : try cursor.uvarint()
        histogram.count = isFloat ? try cursor.u64BE() : try cursor.uvarint()
        histogram.sum = Double(bitPattern: try cursor.u64BE())
        guard let positiveSpans = try spans(&cursor), let negativeSpans = try spans(&cursor) else { return nil }
        histogram.layout.positiveSpans = positiveSpans
        histogram.layout.negativeSpans = negativeSpans
        histogram.positive = try buckets(&cursor, isFloat)
        histogram.negative = try buckets(&cursor, isFloat)
        if schema == NativeHistogram.customSchema {
            for _ in 0..<(try cursor.uvarint()) {
                histogram.layout.customBounds.append(Double(bitPattern: try cursor.u64BE()))
            }
        }
        return histogram.isConsistent ? histogram : nil
    }

    private static func spans(_ cursor: inout ByteCursor) throws(ByteCursorError) -> [StoredHistogram.Span]? {
        var spans: [StoredHistogram.Span] = []
        for _ in 0..<(try cursor.uvarint()) {
            guard let offset = Int32(exactly: try cursor.varint()), let length = UInt32(exactly: try cursor.uvarint())
            else { return nil }
            spans.append(.init(offset: offset, length: length))
        }
        return spans
    }

    private static func buckets(_ cursor: inout ByteCursor, _ isFloat: Bool) throws(ByteCursorError) -> [UInt64] {
        var buckets: [UInt64] = []
        var previous: UInt64 = 0
        for _ in 0..<(try cursor.uvarint()) {
            previous = isFloat ? try cursor.u64BE() : previous &+ UInt64(bitPattern: try cursor.varint())
            buckets.append(previous)
        }
        return buckets
    }
}
