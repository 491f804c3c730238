extension RemoteWrite {
    /// A native histogram of remote write (the messages `Histogram` of 1.0 and 2.0), as it came.
    package struct Histogram: Sendable, Hashable {
        /// A run of buckets: it begins `offset` behind the end of the run before it, the first one at its offset.
        package struct Span: Sendable, Hashable {
            package var offset: Int32
            package var length: UInt32

            /// A run of `length` buckets.
            package init(offset: Int32 = 0, length: UInt32 = 0) {
                self.offset = offset
                self.length = length
            }
        }

        /// Milliseconds since the Unix epoch.
        package var timestamp: Int64 = 0
        /// Start of the count in milliseconds since the Unix epoch; 0 where it is unknown. Only 2.0 has it.
        package var startTimestamp: Int64 = 0
        /// Whether counts are floats: bits of a `Double` instead of whole numbers, here and in the buckets.
        package var isFloat = false
        package var count: UInt64 = 0
        package var zeroCount: UInt64 = 0
        package var sum = 0.0
        /// -4…8, or -53 with bounds of its own.
        package var schema: Int32 = 0
        package var zeroThreshold = 0.0
        package var positiveSpans: [Span] = []
        package var negativeSpans: [Span] = []
        /// Counts of the buckets, each by itself. A whole count below 0 shows as one beyond `Int64.max`.
        package var positive: [UInt64] = []
        package var negative: [UInt64] = []
        /// Upper bounds with schema -53.
        package var customBounds: [Double] = []
        /// 0 unknown, 1 reset, 2 no reset, 3 gauge.
        package var resetHint: Int32 = 0

        /// An empty histogram.
        package init() {}

        /// Decodes a message that `WriteRequest` has found well formed.
        package init(_ range: ByteRange, in body: UnsafeRawBufferPointer) throws(WireError) {
            var message = ProtoCursor(body, range.bounds)
            var deltas: (positive: [UInt64], negative: [UInt64]) = ([], [])
            var floats: (positive: [Double], negative: [Double]) = ([], [])
            while try message.next() {
                switch message.field {
                case 1: count = try message.uint64()
                case 2:
                    count = try message.double().bitPattern
                    isFloat = true
                case 3: sum = try message.double()
                case 4: schema = try message.sint32()
                case 5: zeroThreshold = try message.double()
                case 6: zeroCount = try message.uint64()
                case 7: zeroCount = try message.double().bitPattern
                case 8: negativeSpans.append(try Self.span(&message))
                case 9: try message.uint64s(into: &deltas.negative)
                case 10: try message.doubles(into: &floats.negative)
                case 11: positiveSpans.append(try Self.span(&message))
                case 12: try message.uint64s(into: &deltas.positive)
                case 13: try message.doubles(into: &floats.positive)
                case 14: resetHint = try message.int32()
                case 15: timestamp = try message.int64()
                case 16: try message.doubles(into: &customBounds)
                case 17: startTimestamp = try message.int64()
                default: try message.skip()
                }
            }
            positive = isFloat ? floats.positive.map(\.bitPattern) : Self.counts(deltas.positive)
            negative = isFloat ? floats.negative.map(\.bitPattern) : Self.counts(deltas.negative)
        }

        static func span(_ cursor: inout ProtoCursor) throws(WireError) -> Span {
            var message = try cursor.message()
            var span = Span()
            while try message.next() {
                switch message.field {
                case 1: span.offset = try message.sint32()
                case 2: span.length = try message.uint32()
                default: try message.skip()
                }
            }
            return span
        }

        /// Sums up differences, which come zig-zag.
        static func counts(_ deltas: [UInt64]) -> [UInt64] {
            var total: UInt64 = 0
            return deltas.map { raw in
                total &+= UInt64(bitPattern: Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1))
                return total
            }
        }
    }
}
