import MartletCore

/// Of what the head's series consist: the metrics, labels and pairs that have the most.
package struct Cardinality: Sendable {
    /// A name, or a pair as `name=value`, and its number.
    package typealias Entry = (name: String, value: Int)

    /// Series of each metric.
    package fileprivate(set) var seriesByMetric: [Entry] = []
    /// Values of each label.
    package fileprivate(set) var valuesByLabel: [Entry] = []
    /// Bytes of each label's values, in every series that has them.
    package fileprivate(set) var bytesByLabel: [Entry] = []
    /// Series of each pair.
    package fileprivate(set) var seriesByPair: [Entry] = []
}

extension MetricStore {
    /// The `limit` largest of each kind, the largest first.
    package func cardinality(limit: Int) -> Cardinality {
        head.withLock { box in
            var metrics = Largest(limit)
            var labels = Largest(limit)
            var bytes = Largest(limit)
            var pairs = Largest(limit)
            for name in box.head.index.labelNames() {
                var (values, size) = (0, 0)
                box.head.index.forEachCount(of: name) { value, series in
                    values += 1
                    size += value.count * series
                    if name == Labels.metricName {
                        metrics.add(series) { String(decoding: value, as: UTF8.self) }
                    }
                    pairs.add(series) { "\(name)=\(String(decoding: value, as: UTF8.self))" }
                }
                labels.add(values) { name }
                bytes.add(size) { name }
            }
            return Cardinality(
                seriesByMetric: metrics.entries, valuesByLabel: labels.entries, bytesByLabel: bytes.entries,
                seriesByPair: pairs.entries)
        }
    }
}

/// The largest of many numbers, with their names; those of equal size by name.
private struct Largest {
    private let limit: Int
    private(set) var entries: [Cardinality.Entry] = []

    init(_ limit: Int) {
        self.limit = limit
        entries.reserveCapacity(min(limit, 1024))
    }

    /// Takes a number in; its name is made only when it is among the largest.
    mutating func add(_ value: Int, _ name: () -> String) {
        guard limit > 0 else { return }
        if entries.count == limit, let last = entries.last, value < last.value { return }
        let entry = (name: name(), value: value)
        let place = entries.firstIndex { $0.value < value || ($0.value == value && $0.name > entry.name) }
        entries.insert(entry, at: place ?? entries.count)
        if entries.count > limit { entries.removeLast() }
    }
}
