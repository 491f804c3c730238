extension OTLP {
    /// The points of a metric, by kind.
    package enum MetricData: Sendable, Hashable {
        /// No kind was set.
        case empty
        /// Values that stand for themselves.
        case gauge([NumberDataPoint])
        /// Values that add up.
        case sum([NumberDataPoint], temporality: Int32, isMonotonic: Bool)
        /// Distributions over explicit bounds.
        case histogram([HistogramDataPoint], temporality: Int32)
        /// Distributions over exponential buckets.
        case exponentialHistogram([ExponentialHistogramDataPoint], temporality: Int32)
        /// Quantiles computed by the sender.
        case summary([SummaryDataPoint])

        /// Number of points.
        package var count: Int {
            switch self {
            case .empty: 0
            case .gauge(let points): points.count
            case .sum(let points, _, _): points.count
            case .histogram(let points, _): points.count
            case .exponentialHistogram(let points, _): points.count
            case .summary(let points): points.count
            }
        }
    }
}
