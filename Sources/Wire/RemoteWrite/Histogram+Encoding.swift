extension RemoteWrite.Histogram {
    /// Writes the fields of the message, which both versions have alike. Only a histogram with a start timestamp has a field
    /// that 1.0 does not know.
    package func encode(to writer: inout ProtoWriter) {
        if isFloat {
            writer.fixed64(2, count)
        } else {
            writer.uint64(1, count)
        }
        if sum.bitPattern != 0 { writer.double(3, sum) }
        if schema != 0 { writer.sint64(4, Int64(schema)) }
        if zeroThreshold.bitPattern != 0 { writer.double(5, zeroThreshold) }
        if isFloat {
            writer.fixed64(7, zeroCount)
        } else {
            writer.uint64(6, zeroCount)
        }
        for span in negativeSpans { Self.encode(span, 8, to: &writer) }
        Self.encode(negative, deltas: isFloat ? nil : 9, floats: 10, to: &writer)
        for span in positiveSpans { Self.encode(span, 11, to: &writer) }
        Self.encode(positive, deltas: isFloat ? nil : 12, floats: 13, to: &writer)
        if resetHint != 0 { writer.int64(14, Int64(resetHint)) }
        if timestamp != 0 { writer.int64(15, timestamp) }
        writer.packedDouble(16, customBounds)
        if startTimestamp != 0 { writer.int64(17, startTimestamp) }
    }

    private static func encode(_ span: Span, _ field: UInt32, to writer: inout ProtoWriter) {
        writer.message(field) { message in
            if span.offset != 0 { message.sint64(1, Int64(span.offset)) }
            if span.length != 0 { message.uint64(2, UInt64(span.length)) }
        }
    }

    /// Whole counts as zig-zag differences in the field `deltas`; where that is nil, the bits of floats.
    private static func encode(
        _ counts: [UInt64], deltas: UInt32?, floats: UInt32, to writer: inout ProtoWriter
    ) {
        guard let deltas else { return writer.packedFixed64(floats, counts) }
        var last: UInt64 = 0
        writer.packedUInt64(
            deltas,
            counts.map { count in
                let delta = Int64(bitPattern: count &- last)
                last = count
                return UInt64(bitPattern: (delta << 1) ^ (delta >> 63))
            })
    }
}
