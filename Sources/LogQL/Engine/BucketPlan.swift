import SampleMath

/// How the windows of a function over samples are cut into stretches of time. Made once for a query.
final class BucketPlan: Sendable {
    /// What is kept of a stretch.
    enum Kind: Sendable {
        case count, sum, mean, min, max, variance, first, last
    }

    let kind: Kind
    /// Whether the root of the variance is wanted.
    let isRoot: Bool
    /// Where windows begin and end.
    let edges: TimeEdges
    /// The stretches of each step's window.
    let windows: [Range<Int>]

    /// Nil for functions that need all samples of a window.
    init?(_ operation: RangeAggregation.Operation, grid: StepGrid, range: Int64) {
        switch operation {
        case .count, .bytes, .bytesRate, .absent: kind = .count
        case .sum, .rate: kind = .sum
        case .avg: kind = .mean
        case .min: kind = .min
        case .max: kind = .max
        case .stddev, .stdvar: kind = .variance
        case .first: kind = .first
        case .last: kind = .last
        case .quantile, .rateCounter: return nil
        }
        isRoot = operation == .stddev
        let edges = TimeEdges((0..<grid.count).flatMap { [grid.time($0), grid.time($0) - range] })
        self.edges = edges
        windows = (0..<grid.count).map { step in
            edges.interval(of: grid.time(step) - range) + 1..<edges.interval(of: grid.time(step)) + 1
        }
    }

    /// Stretches, with those before and behind all windows.
    var count: Int { edges.times.count + 1 }

    /// Bytes of memory that the stretches of a series take.
    var bytesPerSeries: Int { count * MemoryLayout<SampleBuckets.Bucket>.stride }
}
