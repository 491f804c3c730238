import MartletCore

/// Classic histograms of one metric whose buckets had to be made to rise, over a query's steps.
struct MonotonicityRepair {
    let metric: String
    /// Where in the query, as text.
    let position: String
    private var repair: ClassicBuckets.Repair
    /// First and last step, in milliseconds.
    private var first: Int64
    private var last: Int64
    private var count = 1

    init(metric: String, position: String, repair: ClassicBuckets.Repair, time: Int64) {
        self.metric = metric
        self.position = position
        self.repair = repair
        first = time
        last = time
    }

    mutating func merge(_ other: MonotonicityRepair) {
        repair.lowest = min(repair.lowest, other.repair.lowest)
        repair.highest = max(repair.highest, other.repair.highest)
        repair.largestDrop = max(repair.largestDrop, other.repair.largestDrop)
        first = min(first, other.first)
        last = max(last, other.last)
        count += other.count
    }

    /// Prometheus' words.
    var text: String {
        let name = metric.isEmpty ? "" : " for metric name \(GoQuote.quote(metric))"
        let drop = Printf.text("%.2g", repair.largestDrop)
        return "input to histogram_quantile needed to be fixed for monotonicity (see "
            + "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)\(name), "
            + "from buckets \(FloatText.general(repair.lowest)) to \(FloatText.general(repair.highest)), "
            + "with a max diff of \(drop), over \(count) samples from \(time(first)) to \(time(last))\(position)"
    }

    private func time(_ milliseconds: Int64) -> String {
        var text: [UInt8] = []
        RFC3339.append(seconds: milliseconds / 1000, nanosecond: 0, fraction: .none, to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
