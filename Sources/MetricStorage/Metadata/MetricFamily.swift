/// How the names of metrics come from that of their family: histograms and summaries have several, OpenMetrics' counters
/// end in `_total`.
enum MetricFamily {
    private static let suffixes: [String: [String]] = [
        "counter": ["_total", "_created"], "info": ["_info"], "summary": ["_count", "_sum", "_created"],
        "histogram": ["_bucket", "_count", "_sum", "_created"], "gaugehistogram": ["_bucket", "_gcount", "_gsum"],
    ]

    private static let allSuffixes = Set(suffixes.values.joined()).sorted()

    /// The metrics that a family of a type may have: its own name, and that with a suffix.
    static func metrics(of family: String, type: String) -> [String] {
        [family] + (suffixes[type] ?? []).map { family + $0 }
    }

    /// Whether a family of a type has a metric.
    static func has(_ type: String, _ family: String, metric: String) -> Bool {
        metric == family || metrics(of: family, type: type).contains(metric)
    }

    /// The families that a metric may belong to: its own name, and that without a suffix.
    static func candidates(ofMetric metric: String) -> [String] {
        [metric]
            + allSuffixes.filter { metric.hasSuffix($0) && metric.utf8.count > $0.utf8.count }.map {
                String(metric.dropLast($0.count))
            }
    }

    /// The family of a metric of which a record of another writer gives the type. Such a record does not tell a counter of
    /// OpenMetrics from one of the text format, which Prometheus names in full.
    static func name(ofMetric metric: String, type: String) -> String {
        guard type != "counter", type != "info" else { return metric }
        let suffix = (suffixes[type] ?? []).first { metric.hasSuffix($0) && metric.utf8.count > $0.utf8.count }
        return suffix.map { String(metric.dropLast($0.count)) } ?? metric
    }
}
