import Glibc

/// The values of one series while spans arrive: one number a step, or all values where the function needs them.
struct SeriesAccumulator {
    private let kind: MetricsFunction.Kind
    private var counts: [Double]
    private var sums: [Double] = []
    private var values: [[Double]] = []
    private var buckets: [Double: [Double]] = [:]

    init(_ kind: MetricsFunction.Kind, steps: Int) {
        self.kind = kind
        counts = [Double](repeating: 0, count: steps)
        switch kind {
        case .minOverTime, .maxOverTime, .avgOverTime, .sumOverTime: sums = [Double](repeating: 0, count: steps)
        case .quantileOverTime: values = [[Double]](repeating: [], count: steps)
        default: break
        }
    }

    /// Bytes of a series in which nothing was measured yet.
    static func memory(_ kind: MetricsFunction.Kind, steps: Int) -> Int {
        switch kind {
        case .rate, .countOverTime, .histogramOverTime, .compare: 256 + steps * 8
        case .minOverTime, .maxOverTime, .avgOverTime, .sumOverTime, .quantileOverTime: 256 + steps * 16
        }
    }

    /// Adds a value, which is not NaN; the bytes by which the series has grown.
    mutating func add(_ value: Double, step: Int) -> Int {
        let count = counts[step]
        counts[step] = count + 1
        switch kind {
        case .rate, .countOverTime, .compare: break
        case .minOverTime: sums[step] = count == 0 ? value : min(sums[step], value)
        case .maxOverTime: sums[step] = count == 0 ? value : max(sums[step], value)
        case .avgOverTime, .sumOverTime: sums[step] += value
        case .quantileOverTime:
            values[step].append(value)
            // Arrays grow to twice their size.
            return 16
        case .histogramOverTime:
            // Powers of two, as Tempo has them.
            let bound = value <= 0 ? 0 : exp2(log2(value).rounded(.up))
            let known = buckets.count
            buckets[bound, default: [Double](repeating: 0, count: counts.count)][step] += 1
            return buckets.count == known ? 0 : 64 + counts.count * 8
        }
        return 0
    }

    /// Whether its series are buckets.
    var isHistogram: Bool { if case .histogramOverTime = kind { true } else { false } }

    /// How many series this becomes.
    var seriesCount: Int {
        switch kind {
        case .quantileOverTime(_, let quantiles): quantiles.count
        case .histogramOverTime: buckets.count
        default: 1
        }
    }

    /// The finished series, each with the label that tells it from its siblings; NaN where nothing was measured.
    func series(stepSeconds: Double, divisor: Double) -> [(label: (String, Value)?, values: [Double])] {
        switch kind {
        case .rate: return [(nil, counts.map { $0 / stepSeconds })]
        case .countOverTime, .compare: return [(nil, counts)]
        case .minOverTime, .maxOverTime, .sumOverTime:
            return [(nil, counts.indices.map { counts[$0] == 0 ? .nan : sums[$0] / divisor })]
        case .avgOverTime:
            return [(nil, counts.indices.map { counts[$0] == 0 ? .nan : sums[$0] / counts[$0] / divisor })]
        case .quantileOverTime(_, let quantiles):
            let sorted = values.map { $0.sorted() }
            return quantiles.map { quantile in
                (("p", .double(quantile)), sorted.map { Self.quantile(quantile, of: $0) / divisor })
            }
        case .histogramOverTime:
            return buckets.sorted { $0.key < $1.key }.map { bound, counts in
                (("__bucket", .double(bound / divisor)), counts)
            }
        }
    }

    /// Linear interpolation between the closest ranks; NaN of nothing.
    private static func quantile(_ quantile: Double, of sorted: [Double]) -> Double {
        guard !sorted.isEmpty else { return .nan }
        let rank = quantile * Double(sorted.count - 1)
        let low = Int(rank.rounded(.down))
        let high = min(low + 1, sorted.count - 1)
        return sorted[low] + (sorted[high] - sorted[low]) * (rank - Double(low))
    }
}
