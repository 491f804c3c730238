import MartletCore
import PromQL
import Wire

/// The text in which another server scrapes this one's newest samples: families by name, with the external labels and
/// `instance` filled in.
struct FederationText {
    /// The newest sample of a series. Native histograms are told only where their buckets have bounds of their own: the
    /// format has classic histograms for these, and none for the others.
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

    /// What series get that have no such label, by name.
    private let added: [(name: String, value: String)]
    private let addedBytes: Int

    init(external: [(key: String, value: String)]) {
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
            return 512 + (histogram.customBounds.count + histogram.positive.count) * 12
                + (histogram.customBounds.count + 3) * line
        }
    }

    func write(_ samples: [Labels: (time: Int64, sample: Sample)]) -> [UInt8] {
        var writer = ExpositionWriter(.text)
        var family: (name: [UInt8], type: MetricType)?
        let rows = samples.map { Row(labels: $0.key, time: $0.value.time, sample: $0.value.sample) }
        for row in rows.sorted(by: Row.precedes) where !row.name.isEmpty {
            if family?.name != row.name || family?.type != row.sample.type {
                family = (row.name, row.sample.type)
                writer.family(String(decoding: row.name, as: UTF8.self), row.sample.type)
            }
            let labels = completed(row.labels)
            switch row.sample {
            case .float(let value): writer.sample(labels: labels, value: value, timestamp: row.time)
            case .histogram(let histogram): Self.write(histogram, labels, at: row.time, to: &writer)
            }
        }
        return writer.finish()
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
        var count = 0.0
        var position = 0
        for (index, bound) in histogram.customBounds.enumerated() {
            while position < histogram.positive.count, Int(histogram.positive.indices[position]) <= index {
                count += histogram.positive.counts[position]
                position += 1
            }
            bucket[labels.count].value = FloatText.general(bound)
            writer.sample(suffix: "_bucket", labels: bucket, value: count, timestamp: time)
        }
        bucket[labels.count].value = "+Inf"
        writer.sample(suffix: "_bucket", labels: bucket, value: histogram.count, timestamp: time)
        writer.sample(suffix: "_sum", labels: labels, value: histogram.sum, timestamp: time)
        writer.sample(suffix: "_count", labels: labels, value: histogram.count, timestamp: time)
    }

    /// All labels but the name, then those that the series lacks.
    private func completed(_ labels: Labels) -> [(name: String, value: String)] {
        labels.pairs.filter { $0.name != Labels.metricName } + added.filter { labels[$0.name] == nil }
    }
}
