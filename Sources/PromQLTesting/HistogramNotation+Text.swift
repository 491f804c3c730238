import MartletCore
package import PromQL

extension HistogramNotation {
    /// The text of a histogram, which reads back to it: what promtool compares.
    package static func text(_ histogram: NativeHistogram) -> String {
        var parts: [String] = []
        func add(_ key: String, _ value: Double) {
            if value != 0 { parts.append("\(key):\(FloatText.general(value))") }
        }
        if histogram.schema != 0 { parts.append("schema:\(histogram.schema)") }
        add("count", histogram.count)
        add("sum", histogram.sum)
        add("z_bucket", histogram.zeroCount)
        add("z_bucket_w", histogram.zeroThreshold)
        if histogram.hasCustomBounds { parts.append("custom_values:\(list(histogram.customBounds))") }
        switch histogram.hint {
        case .unknown: break
        case .reset: parts.append("counter_reset_hint:reset")
        case .notReset: parts.append("counter_reset_hint:not_reset")
        case .gauge: parts.append("counter_reset_hint:gauge")
        }
        parts += buckets(histogram.positive, "offset", "buckets") + buckets(histogram.negative, "n_offset", "n_buckets")
        return "{{\(parts.joined(separator: " "))}}"
    }

    /// One run of buckets, from the first populated one to the last.
    private static func buckets(_ buckets: HistogramBuckets, _ offsetKey: String, _ key: String) -> [String] {
        let populated = zip(buckets.indices, buckets.counts).filter { $0.1 != 0 }
        guard let first = populated.first?.0, let last = populated.last?.0 else { return [] }
        var counts = [Double](repeating: 0, count: Int(last - first) + 1)
        for (index, count) in populated { counts[Int(index - first)] = count }
        return (first == 0 ? [] : ["\(offsetKey):\(first)"]) + ["\(key):\(list(counts))"]
    }

    private static func list(_ values: [Double]) -> String {
        "[\(values.map(FloatText.general).joined(separator: " "))]"
    }
}
