import MartletCore
import PromQL
import PromQLTesting

/// Collects the series of classic histograms and makes native ones with custom buckets of them, as `load_with_nhcb` does.
struct ClassicHistogramLoad {
    private struct Parts {
        var buckets: [Double: Double] = [:]
        var count: Double?
        var sum = 0.0
    }

    private var parts: [Labels: [Int64: Parts]] = [:]

    mutating func add(_ labels: Labels, _ time: Int64, _ value: Double) {
        guard let name = labels[Labels.metricName] else { return }
        for suffix in ["_bucket", "_count", "_sum"] where name.hasSuffix(suffix) {
            var builder = LabelsBuilder(labels)
            builder.set(Labels.metricName, String(name.dropLast(suffix.count)))
            builder.remove("le")
            var part = parts[builder.build(), default: [:]][time] ?? Parts()
            switch suffix {
            case "_bucket":
                let text = labels["le"]?.lowercased() ?? ""
                guard let bound = ["+inf", "inf"].contains(text) ? .infinity : Double(text), !bound.isNaN else {
                    return
                }
                part.buckets[bound] = value
            case "_count": part.count = value
            default: part.sum = value
            }
            parts[builder.build(), default: [:]][time] = part
        }
    }

    func histograms() throws -> [(labels: Labels, time: Int64, histogram: NativeHistogram)] {
        var result: [(labels: Labels, time: Int64, histogram: NativeHistogram)] = []
        for (labels, times) in parts {
            for (time, part) in times { result.append((labels, time, try histogram(part))) }
        }
        return result
    }

    private func histogram(_ part: Parts) throws -> NativeHistogram {
        var cumulative = part.buckets.sorted { $0.key < $1.key }.map { (bound: $0.key, count: $0.value) }
        if cumulative.last?.bound != .infinity {
            cumulative.append((.infinity, part.count ?? cumulative.last?.count ?? 0))
        }
        let total = part.count ?? cumulative.last?.count ?? 0
        guard total == cumulative.last?.count else {
            throw SeriesNotation.Failure(description: "count \(total) is not that of the last bucket")
        }
        var counts: [Double] = []
        var before = 0.0
        for bucket in cumulative {
            counts.append(bucket.count - before)
            before = bucket.count
        }
        return NativeHistogram(
            schema: NativeHistogram.customSchema, count: total, sum: part.sum,
            positive: HistogramBuckets(offset: 0, counts: counts),
            customBounds: cumulative.dropLast().map(\.bound))
    }
}
