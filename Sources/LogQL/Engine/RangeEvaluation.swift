import MartletCore
import SampleMath

/// Evaluates one range aggregation, such as `rate({app="a"} |= "error" [5m])`.
///
/// Functions that only count (lines or bytes) need no samples: each line adds to the steps whose window holds it, through
/// the difference of neighbouring steps. The others gather samples by series and slide windows over them; of series with many
/// samples they keep what the function needs of each stretch of time (`SampleBuckets`), where it does not need all.
struct RangeEvaluation {
    private let aggregation: RangeAggregation
    private let grouping: Grouping?
    private let grid: StepGrid
    private let windows: StepGrid
    private let plan: BucketPlan?
    private let context: LogQueryContext

    /// `grouping` is the function's own, or that of a sum around it.
    init(_ aggregation: RangeAggregation, grouping: Grouping?, grid: StepGrid, context: LogQueryContext) {
        self.aggregation = aggregation
        self.grouping = grouping
        self.grid = grid
        self.context = context
        windows = grid.shifted(by: -aggregation.range.offset)
        plan =
            aggregation.range.unwrap == nil
            ? nil : BucketPlan(aggregation.operation, grid: windows, range: aggregation.range.range)
    }

    func run(_ source: any LogSource) throws(LogQueryError) -> SeriesMatrix {
        let first = try gathering()
        guard grid.count > 0 else { return SeriesMatrix() }
        let parts = try source.parts(of: first.wish, context: context)
        let gathered = try ConcurrentParts.map(parts, context) { (part) throws(LogQueryError) -> RangeSeries in
            var gathering = try gathering()
            try gathering.gather(part)
            return gathering.series
        }
        var series = first.series
        for part in gathered { try series.add(part, context) }
        return aggregation.operation == .absent ? absent(series) : try result(series)
    }

    private func gathering() throws(LogQueryError) -> RangeGathering {
        try RangeGathering(aggregation, grouping: grouping, windows: windows, plan: plan, context: context)
    }

    private var rangeSeconds: Double { Double(aggregation.range.range) / 1e9 }

    private var isCounting: Bool { aggregation.range.unwrap == nil }

    private func result(_ series: RangeSeries) throws(LogQueryError) -> SeriesMatrix {
        var matrix = SeriesMatrix()
        for (place, labels) in series.table.labels.enumerated() {
            try context.check()
            try context.hold(grid.count * MemoryLayout<Double>.stride)
            matrix.append(
                Labels(canonicalBytes: labels),
                isCounting ? counted(series.counts, place) : sampled(series.samples[place]))
        }
        return matrix
    }

    private func counted(_ counts: StepCounts, _ place: Int) -> [Double] {
        let divisor = aggregation.operation == .rate || aggregation.operation == .bytesRate ? rangeSeconds : 1
        return counts.column(place, bytes: aggregation.isOfBytes, divisor: divisor)
    }

    private func sampled(_ samples: SeriesSamples) -> [Double] {
        var column = samples.buckets?.column() ?? evaluated(samples.columns)
        if aggregation.operation == .rate || aggregation.operation == .rateCounter {
            for step in column.indices where !Missing.isMissing(column[step]) { column[step] /= rangeSeconds }
        }
        return column
    }

    private func evaluated(_ samples: SampleColumns) -> [Double] {
        let function: RangeFunction
        switch aggregation.operation {
        case .sum, .rate: function = .sum
        case .avg: function = .avg
        case .min: function = .min
        case .max: function = .max
        case .stddev: function = .stddev
        case .stdvar: function = .stdvar
        case .first: function = .first
        case .last: function = .last
        case .quantile: function = .quantile
        // Not the window's own rate: it takes our nanoseconds for milliseconds.
        case .rateCounter: function = .increase
        case .count, .bytes, .bytesRate, .absent: function = .count
        }
        var out = [Double](repeating: Missing.value, count: grid.count)
        var window = RangeWindow(grid: windows, range: aggregation.range.range)
        let parameters = [Double](repeating: aggregation.parameter ?? 0, count: grid.count)
        let ordered = samples.sortedByTime()
        out.withUnsafeMutableBufferPointer { _ = window.evaluate(function, ordered, parameters: parameters, into: $0) }
        if aggregation.operation == .rateCounter { setLoneSamples(ordered, in: &out) }
        return out
    }

    /// A counter that was seen once in a window has not grown.
    private func setLoneSamples(_ columns: SampleColumns, in out: inout [Double]) {
        var counts = [Double](repeating: Missing.value, count: grid.count)
        var window = RangeWindow(grid: windows, range: aggregation.range.range)
        counts.withUnsafeMutableBufferPointer { _ = window.evaluate(.count, columns, into: $0) }
        for step in out.indices where Missing.isMissing(out[step]) && !Missing.isMissing(counts[step]) { out[step] = 0 }
    }

    /// 1 at every step without a line; labels from the equality matchers.
    private func absent(_ series: RangeSeries) -> SeriesMatrix {
        var present = [Bool](repeating: false, count: grid.count)
        for place in 0..<series.count {
            let column =
                isCounting
                ? series.counts.column(place, bytes: false, divisor: 1) : sampled(series.samples[place])
            for step in 0..<grid.count where !Missing.isMissing(column[step]) { present[step] = true }
        }
        var labels = LabelsBuilder()
        var seen: Set<String> = []
        for matcher in aggregation.range.log.matchers where matcher.kind == .equal {
            // A name that is asked for twice says nothing about a series.
            labels.set(matcher.name, seen.insert(matcher.name).inserted ? matcher.value : "")
        }
        var matrix = SeriesMatrix()
        matrix.append(labels.build(), present.map { $0 ? Missing.value : 1 })
        return matrix
    }
}

extension RangeAggregation {
    /// Whether it counts bytes, not lines.
    var isOfBytes: Bool { operation == .bytes || operation == .bytesRate }
}
