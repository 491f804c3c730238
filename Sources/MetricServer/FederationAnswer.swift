import MartletCore
import MetricStorage
import PromQL
import RemoteStorage
import Wire

/// What another server scrapes as this one's newest samples: families by name, with the external labels and `instance`
/// filled in.
struct FederationAnswer {
    /// The newest sample of a series. A native histogram whose buckets have bounds of their own is told as a classic one; the
    /// others only where the format has them.
    enum Sample: Sendable {
        case float(Double)
        case histogram(NativeHistogram)

        fileprivate var type: MetricType {
            switch self {
            case .float: .unknown
            case .histogram(let histogram): histogram.hint == .gauge ? .gaugeHistogram : .histogram
            }
        }
    }

    let format: FederationFormat
    /// What series get that have no such label, by name.
    private let added: [(name: String, value: String)]
    private let addedBytes: Int

    init(_ format: FederationFormat, external: [(key: String, value: String)]) {
        self.format = format
        var added = external.map { (name: $0.key, value: $0.value) }
        // An empty instance keeps the scraping server from adding its own.
        if !added.contains(where: { $0.name == "instance" }) { added.append((name: "instance", value: "")) }
        self.added = added.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        addedBytes = added.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
    }

    /// Bytes that a sample takes with its series' labels, and then in the text.
    func size(_ sample: Sample, of labels: Labels) -> Int {
        let line = 2 * labels.bytes.count + addedBytes + 64
        switch sample {
        case .float: return 512 + line
        case .histogram(let histogram):
            return 512 + (histogram.customBounds.count + histogram.positive.count + histogram.negative.count) * 12
                + (histogram.customBounds.count + 3) * line
        }
    }

    func write(_ samples: [Labels: (time: Int64, sample: Sample)]) -> [UInt8] {
        let rows = samples.map { Row(labels: $0.key, time: $0.value.time, sample: $0.value.sample) }
            .filter { !$0.name.isEmpty }.sorted(by: Row.precedes)
        return format.isProtobuf ? protobuf(rows) : text(rows)
    }

    private func text(_ rows: [Row]) -> [UInt8] {
        var writer = ExpositionWriter(.text)
        forEach(rows) {
            writer.family($0, $1)
        } sample: { row, labels in
            switch row.sample {
            case .float(let value): writer.sample(labels: labels, value: value, timestamp: row.time)
            case .histogram(let histogram): Self.write(histogram, labels, at: row.time, to: &writer)
            }
        }
        return writer.finish()
    }

    private func protobuf(_ rows: [Row]) -> [UInt8] {
        var writer = MetricFamilyWriter()
        forEach(rows) {
            writer.family($0, $1)
        } sample: { row, labels in
            switch row.sample {
            case .float(let value): writer.untyped(labels, value, timestamp: row.time)
            case .histogram(let histogram) where histogram.hasCustomBounds:
                writer.classic(
                    labels, count: histogram.count, sum: histogram.sum, buckets: Self.buckets(histogram),
                    timestamp: row.time)
            case .histogram(let histogram):
                writer.native(
                    labels, RemoteWrite.Histogram(StoredHistogram(histogram), at: row.time), timestamp: row.time)
            }
        }
        return writer.finish()
    }

    /// Gives each family's name and type, and each of its rows with all its labels but the name, as the format has names.
    private func forEach(
        _ rows: [Row], family: (String, MetricType) -> Void,
        sample: (Row, [(name: String, value: String)]) -> Void
    ) {
        var present: (name: [UInt8], type: MetricType)?
        for row in rows {
            if present?.name != row.name || present?.type != row.sample.type {
                present = (row.name, row.sample.type)
                family(format.escaping.escape(String(decoding: row.name, as: UTF8.self)), row.sample.type)
            }
            sample(row, completed(row.labels).map { (format.escaping.escape($0.name), $0.value) })
        }
    }

    private struct Row {
        /// The metric's.
        let name: [UInt8]
        let labels: Labels
        let time: Int64
        let sample: Sample

        init(labels: Labels, time: Int64, sample: Sample) {
            name = labels.withValue(of: Labels.metricName) { [UInt8]($0) } ?? []
            self.labels = labels
            self.time = time
            self.sample = sample
        }

        /// Families one behind the other, since label names in capitals come before `__name__`.
        static func precedes(_ a: Row, _ b: Row) -> Bool {
            if a.name != b.name { return a.name.lexicographicallyPrecedes(b.name) }
            if a.sample.type != b.sample.type { return a.sample.type.rawValue < b.sample.type.rawValue }
            return a.labels < b.labels
        }
    }

    /// As a classic histogram: how many observations there are up to each bound.
    private static func write(
        _ histogram: NativeHistogram, _ labels: [(name: String, value: String)], at time: Int64,
        to writer: inout ExpositionWriter
    ) {
        var bucket = labels + [(name: "le", value: "+Inf")]
        for (bound, count) in buckets(histogram) {
            bucket[labels.count].value = FloatText.general(bound)
            writer.sample(suffix: "_bucket", labels: bucket, value: count, timestamp: time)
        }
        bucket[labels.count].value = "+Inf"
        writer.sample(suffix: "_bucket", labels: bucket, value: histogram.count, timestamp: time)
        writer.sample(suffix: "_sum", labels: labels, value: histogram.sum, timestamp: time)
        writer.sample(suffix: "_count", labels: labels, value: histogram.count, timestamp: time)
    }

    /// How many observations there are up to each bound.
    private static func buckets(_ histogram: NativeHistogram) -> [MetricFamilyWriter.Bucket] {
        var count = 0.0
        var position = 0
        return histogram.customBounds.enumerated().map { index, bound in
            while position < histogram.positive.count, Int(histogram.positive.indices[position]) <= index {
                count += histogram.positive.counts[position]
                position += 1
            }
            return (bound, count)
        }
    }

    /// All labels but the name, then those that the series lacks.
    private func completed(_ labels: Labels) -> [(name: String, value: String)] {
        labels.pairs.filter { $0.name != Labels.metricName } + added.filter { labels[$0.name] == nil }
    }
}
