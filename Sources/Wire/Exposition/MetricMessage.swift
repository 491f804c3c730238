import MartletCore

/// One `io.prometheus.client.Metric` taken apart. Its storage is used again for the next.
struct MetricMessage {
    struct Bucket {
        var bound = 0.0
        /// Observations up to the bound.
        var count = 0.0
        /// Bytes of its exemplar; empty when it has none.
        var exemplar = ByteRange()
    }

    private(set) var bounds = 0..<0
    /// The label fields as they are written, each behind its length.
    private(set) var labels: [UInt8] = []
    /// Milliseconds since the Unix epoch; 0 when there is none.
    private(set) var timestamp: Int64 = 0
    /// When the count began, in milliseconds since the Unix epoch; 0 when that is not told.
    private(set) var start: Int64 = 0
    /// Of a counter, gauge or untyped metric.
    private(set) var value = 0.0
    /// Bytes of a counter's exemplar; empty when it has none.
    private(set) var exemplar = ByteRange()
    private(set) var sum = 0.0
    private(set) var quantiles: [(quantile: Double, value: Double)] = []
    private(set) var buckets: [Bucket] = []
    /// Bytes of the exemplars that are the histogram's, not a bucket's.
    private(set) var exemplars: [ByteRange] = []
    private var wholeCount: UInt64 = 0
    private var floatCount = 0.0
    private var wholeZeros: UInt64 = 0
    private var floatZeros = 0.0
    private var schema: Int32 = 0
    private var zeroThreshold = 0.0
    private var negative = Side()
    private var positive = Side()

    /// Native buckets below or above zero.
    private struct Side {
        var spans: [RemoteWrite.Histogram.Span] = []
        var deltas: [UInt64] = []
        var counts: [Double] = []

        mutating func removeAll() {
            spans.removeAll(keepingCapacity: true)
            deltas.removeAll(keepingCapacity: true)
            counts.removeAll(keepingCapacity: true)
        }

        func check(_ name: StaticString, isFloat: Bool) -> String? {
            let wanted = spans.reduce(0) { $0 + Int($1.length) }
            let found = isFloat ? counts.count : deltas.count
            return wanted == found ? nil : "\(name) side: spans require \(wanted) buckets, have \(found)"
        }
    }

    /// Takes a metric apart: of its values the one that its family's type calls for.
    mutating func decode(_ bytes: UnsafeRawBufferPointer, _ bounds: Range<Int>, _ type: MetricType) throws(WireError) {
        reset()
        self.bounds = bounds
        var message = ProtoCursor(bytes, bounds)
        while try message.next() {
            switch (message.field, type) {
            case (1, _):
                let label = try message.delimited()
                withUnsafeBytes(of: UInt32(label.count).littleEndian) { labels.append(contentsOf: $0) }
                labels.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[label]))
            case (2, .gauge), (3, .counter), (5, .unknown): try decodeNumber(try message.message())
            case (4, .summary): try decodeSummary(try message.message())
            case (6, _): timestamp = try message.int64()
            case (7, .histogram), (7, .gaugeHistogram): try decodeHistogram(try message.message())
            default: try message.skip()
            }
        }
    }

    /// A gauge and an untyped metric have the value alone.
    private mutating func decodeNumber(_ message: ProtoCursor) throws(WireError) {
        var message = message
        while try message.next() {
            switch message.field {
            case 1: value = try message.double()
            case 2: exemplar = try message.byteRange()
            case 3: start = try message.milliseconds()
            default: try message.skip()
            }
        }
    }

    private mutating func decodeSummary(_ message: ProtoCursor) throws(WireError) {
        var message = message
        while try message.next() {
            switch message.field {
            case 1: wholeCount = try message.uint64()
            case 2: sum = try message.double()
            case 3:
                var quantile = try message.message()
                var pair = (quantile: 0.0, value: 0.0)
                while try quantile.next() {
                    switch quantile.field {
                    case 1: pair.quantile = try quantile.double()
                    case 2: pair.value = try quantile.double()
                    default: try quantile.skip()
                    }
                }
                quantiles.append(pair)
            case 4: start = try message.milliseconds()
            default: try message.skip()
            }
        }
    }

    private mutating func decodeHistogram(_ message: ProtoCursor) throws(WireError) {
        var message = message
        while try message.next() {
            switch message.field {
            case 1: wholeCount = try message.uint64()
            case 2: sum = try message.double()
            case 3: buckets.append(try Self.bucket(try message.message()))
            case 4: floatCount = try message.double()
            case 5: schema = try message.sint32()
            case 6: zeroThreshold = try message.double()
            case 7: wholeZeros = try message.uint64()
            case 8: floatZeros = try message.double()
            case 9: negative.spans.append(try RemoteWrite.Histogram.span(&message))
            case 10: try message.uint64s(into: &negative.deltas)
            case 11: try message.doubles(into: &negative.counts)
            case 12: positive.spans.append(try RemoteWrite.Histogram.span(&message))
            case 13: try message.uint64s(into: &positive.deltas)
            case 14: try message.doubles(into: &positive.counts)
            case 15: start = try message.milliseconds()
            case 16: exemplars.append(try message.byteRange())
            default: try message.skip()
            }
        }
    }

    private static func bucket(_ message: ProtoCursor) throws(WireError) -> Bucket {
        var message = message
        var bucket = Bucket()
        var (whole, float) = (UInt64(0), 0.0)
        while try message.next() {
            switch message.field {
            case 1: whole = try message.uint64()
            case 2: bucket.bound = try message.double()
            case 3: bucket.exemplar = try message.byteRange()
            case 4: float = try message.double()
            default: try message.skip()
            }
        }
        bucket.count = float == 0 ? Double(whole) : float
        return bucket
    }

    private mutating func reset() {
        labels.removeAll(keepingCapacity: true)
        (timestamp, start, value, sum) = (0, 0, 0, 0)
        exemplar = ByteRange()
        quantiles.removeAll(keepingCapacity: true)
        buckets.removeAll(keepingCapacity: true)
        exemplars.removeAll(keepingCapacity: true)
        (wholeCount, floatCount, wholeZeros, floatZeros, schema, zeroThreshold) = (0, 0, 0, 0, 0, 0)
        negative.removeAll()
        positive.removeAll()
    }

    // MARK: Histograms

    /// All observations of a summary or histogram.
    var observations: Double { floatCount == 0 ? Double(wholeCount) : floatCount }

    /// Whether it is meant to be a native histogram. One that is without an observation says so by an empty span.
    var isNative: Bool { !positive.spans.isEmpty || !negative.spans.isEmpty || zeroThreshold > 0 || wholeZeros > 0 }

    private var isFloat: Bool { floatCount > 0 || floatZeros > 0 }

    /// Refuses a native histogram whose spans and counts do not fit, in Prometheus' words.
    func checkNative(_ family: String) throws(WireError) {
        let fault =
            positive.check("positive", isFloat: isFloat) ?? negative.check("negative", isFloat: isFloat)
        if let fault {
            throw .malformed(offset: bounds.lowerBound, what: "histogram \(GoQuote.quote(family)): \(fault)")
        }
    }

    /// The native histogram as it came.
    var native: RemoteWrite.Histogram {
        var histogram = RemoteWrite.Histogram()
        histogram.isFloat = isFloat
        histogram.count = isFloat ? floatCount.bitPattern : wholeCount
        histogram.zeroCount = isFloat ? floatZeros.bitPattern : wholeZeros
        histogram.sum = sum
        histogram.schema = schema
        histogram.zeroThreshold = zeroThreshold
        histogram.positiveSpans = positive.spans
        histogram.negativeSpans = negative.spans
        func counts(_ side: Side) -> [UInt64] {
            isFloat ? side.counts.map(\.bitPattern) : RemoteWrite.Histogram.counts(side.deltas)
        }
        histogram.positive = counts(positive)
        histogram.negative = counts(negative)
        return histogram
    }

    /// Its classic form.
    var classic: ClassicHistogram {
        var classic = ClassicHistogram()
        classic.setCount(observations)
        classic.setSum(sum)
        for bucket in buckets { classic.setBucket(bucket.bound, bucket.count) }
        return classic
    }
}
