/// Writes `io.prometheus.client.MetricFamily` messages, each behind its length as a varint, as `MetricFamilyReader` reads
/// them.
package struct MetricFamilyWriter {
    /// One bucket of a classic histogram: its upper bound, and the observations up to it.
    package typealias Bucket = (bound: Double, count: Double)

    private var out: [UInt8] = []
    private var family: ProtoWriter?

    /// No families.
    package init() {}

    /// All that was written.
    package consuming func finish() -> [UInt8] {
        endFamily()
        return out
    }

    /// Begins a family.
    package mutating func family(_ name: String, _ type: MetricType, help: String = "", unit: String = "") {
        endFamily()
        var writer = ProtoWriter()
        writer.string(1, name)
        if !help.isEmpty { writer.string(2, help) }
        writer.int64(3, Int64(type.exposedNumber))
        if !unit.isEmpty { writer.string(5, unit) }
        family = writer
    }

    /// A metric of the present family, of which `body` writes what its type calls for; 0 is no timestamp.
    package mutating func metric(
        _ labels: [(name: String, value: String)], timestamp: Int64 = 0, _ body: (inout ProtoWriter) -> Void
    ) {
        family?.message(4) { metric in
            for label in labels {
                metric.message(1) { pair in
                    pair.string(1, label.name)
                    pair.string(2, label.value)
                }
            }
            body(&metric)
            if timestamp != 0 { metric.int64(6, timestamp) }
        }
    }

    /// A metric of an untyped family.
    package mutating func untyped(_ labels: [(name: String, value: String)], _ value: Double, timestamp: Int64) {
        metric(labels, timestamp: timestamp) { $0.message(5) { $0.double(1, value) } }
    }

    /// A classic histogram; the bucket up to infinity may be left out.
    package mutating func classic(
        _ labels: [(name: String, value: String)], count: Double, sum: Double, buckets: [Bucket], timestamp: Int64
    ) {
        metric(labels, timestamp: timestamp) { metric in
            metric.message(7) { histogram in
                histogram.double(2, sum)
                for bucket in buckets {
                    histogram.message(3) { message in
                        message.double(2, bucket.bound)
                        message.double(4, bucket.count)
                    }
                }
                histogram.double(4, count)
            }
        }
    }

    /// A native histogram with floats as counts, of an exponential schema.
    package mutating func native(
        _ labels: [(name: String, value: String)], _ histogram: RemoteWrite.Histogram, timestamp: Int64
    ) {
        metric(labels, timestamp: timestamp) { metric in
            metric.message(7) { message in
                message.double(2, histogram.sum)
                message.fixed64(4, histogram.count)
                message.sint64(5, Int64(histogram.schema))
                message.double(6, histogram.zeroThreshold)
                message.fixed64(8, histogram.zeroCount)
                for span in histogram.negativeSpans { Self.write(span, 9, to: &message) }
                message.packedFixed64(11, histogram.negative)
                for span in histogram.positiveSpans { Self.write(span, 12, to: &message) }
                message.packedFixed64(14, histogram.positive)
            }
        }
    }

    private static func write(_ span: RemoteWrite.Histogram.Span, _ field: UInt32, to writer: inout ProtoWriter) {
        writer.message(field) { message in
            message.sint64(1, Int64(span.offset))
            message.uint64(2, UInt64(span.length))
        }
    }

    private mutating func endFamily() {
        guard let message = family?.bytes else { return }
        family = nil
        var length = UInt64(message.count)
        while length >= 0x80 {
            out.append(UInt8(truncatingIfNeeded: length) | 0x80)
            length >>= 7
        }
        out.append(UInt8(length))
        out.append(contentsOf: message)
    }
}
