/// Evaluates functions over the windows (t - range, t] of all steps of a grid. The windows slide: every sample is
/// passed once, and only functions that need all samples of a window look at them again. Where windows overlap much, most
/// of those are kept up to date instead (`slide`).
package struct RangeWindow: Sendable {
    /// The ends of the windows.
    package let grid: StepGrid
    /// The windows' width in milliseconds.
    package let range: Int64
    /// Scratch for functions that sort.
    private var scratch: [Double] = []
    /// What slides, kept for its memory.
    var totals = RunningTotals()
    var largest = SlidingExtreme(largest: true)
    var smallest = SlidingExtreme(largest: false)
    var sorted = SortedWindow()
    var eventCounts: [Int32] = []

    package init(grid: StepGrid, range: Int64) {
        self.grid = grid
        self.range = range
    }

    /// Writes the function's value for every step, `Missing` where it has none. `columns` must hold no staleness
    /// markers. `parameters` has one value per step where the function takes one, `second` likewise. True when any
    /// step has a value.
    ///
    /// `evaluationTimes` are the query's own steps where they differ from the windows' ends (`offset`, `@`);
    /// `predictLinear` counts from them. `startTimestamps` say when counting began for each sample, 0 where that is not
    /// known; counters use them when there are any.
    @discardableResult
    package mutating func evaluate(
        _ function: RangeFunction, _ columns: SampleColumns, parameters: [Double] = [], second: [Double] = [],
        evaluationTimes: StepGrid? = nil, startTimestamps: [Int64] = [], into out: UnsafeMutableBufferPointer<Double>
    ) -> Bool {
        if overlaps, let any = slide(function, columns, parameters, startTimestamps, into: out) { return any }
        let isCounter = function == .rate || function == .increase
        let resets = isCounter ? RangeWindow.resetPositions(columns, startTimestamps) : []
        var extrapolator = Extrapolator(perSecond: function == .rate, range: range)
        var low = 0
        var high = 0
        var firstReset = 0
        var any = false
        for step in 0..<grid.count {
            let end = grid.time(step)
            high = columns.first(after: end, from: high)
            low = min(high, columns.first(after: end - range, from: low))
            guard low < high else {
                out[step] = Missing.value
                continue
            }
            let value: Double
            switch function {
            case .rate, .increase, .delta:
                while firstReset < resets.count, resets[firstReset] <= low { firstReset += 1 }
                value = extrapolated(
                    function, columns, low, high, end, resets: resets, from: firstReset,
                    start: isCounter && !startTimestamps.isEmpty ? startTimestamps[low] : 0, &extrapolator)
            case .irate, .idelta:
                value = RangeWindow.lastTwo(function, columns, startTimestamps, low, high)
            case .resets:
                value = Double(RangeWindow.resetCount(columns, startTimestamps, low, high))
            case .quantile, .mad:
                scratch.removeAll(keepingCapacity: true)
                scratch.append(contentsOf: columns.values[low..<high])
                if function == .quantile {
                    value = Quantile.of(&scratch, phi: parameters[step])
                } else if scratch.contains(where: \.isNaN) {
                    value = Double(bitPattern: StaleNaN.ordinaryBits)
                } else {
                    let median = Quantile.of(&scratch, phi: 0.5)
                    for index in scratch.indices { scratch[index] = (scratch[index] - median).magnitude }
                    value = Quantile.of(&scratch, phi: 0.5)
                }
            case .predictLinear:
                guard high - low >= 2 else {
                    value = Missing.value
                    break
                }
                let time = (evaluationTimes ?? grid).time(step)
                let line = LinearRegression(columns, low..<high, interceptTime: time)
                value = line.slope * parameters[step] + line.intercept
            case .doubleExponentialSmoothing:
                value = RangeWindow.smooth(
                    columns.values[low..<high], factor: parameters[step], trend: second[step])
            default:
                value = RangeWindow.simple(function, columns, low, high)
            }
            out[step] = value
            if !Missing.isMissing(value) { any = true }
        }
        return any
    }

    static func beganAnew(_ columns: SampleColumns, _ starts: [Int64], _ index: Int) -> Bool {
        StartTimestamp.isReset(
            previousStart: starts[index - 1], previousTime: columns.timestamps[index - 1], start: starts[index],
            time: columns.timestamps[index])
    }

    private static func resetCount(_ columns: SampleColumns, _ starts: [Int64], _ low: Int, _ high: Int) -> Int {
        var resets = 0
        for index in low + 1..<Swift.max(high, low + 1) {
            if columns.values[index] < columns.values[index - 1]
                || (!starts.isEmpty && beganAnew(columns, starts, index))
            {
                resets += 1
            }
        }
        return resets
    }

    private static func simple(
        _ function: RangeFunction, _ columns: SampleColumns, _ low: Int, _ high: Int
    ) -> Double {
        let values = columns.values
        switch function {
        case .count: return Double(high - low)
        case .present: return 1
        case .first: return values[low]
        case .last: return values[high - 1]
        case .timeOfFirst: return Double(columns.timestamps[low]) / 1000
        case .timeOfLast: return Double(columns.timestamps[high - 1]) / 1000
        case .sum:
            var sum = CompensatedSum()
            for index in low..<high { sum.add(values[index]) }
            return sum.result
        case .avg: return Mean.of(values, low..<high)
        // NaN gives way to any number. Which value is taken is chosen without a branch, as it can be any.
        case .min:
            var best = values[low]
            for index in low..<high { best = values[index] <= best || best.isNaN ? values[index] : best }
            return best
        case .max:
            var best = values[low]
            for index in low..<high { best = values[index] >= best || best.isNaN ? values[index] : best }
            return best
        // The latest of equal values, as Prometheus' ts_of_min_over_time has it.
        case .timeOfMin:
            var best = low
            for index in low..<high where values[index] <= values[best] || values[best].isNaN { best = index }
            return Double(columns.timestamps[best]) / 1000
        case .timeOfMax:
            var best = low
            for index in low..<high where values[index] >= values[best] || values[best].isNaN { best = index }
            return Double(columns.timestamps[best]) / 1000
        case .stddev: return variance(values, low..<high).squareRoot()
        case .stdvar: return variance(values, low..<high)
        case .changes:
            var changes = 0
            for index in low + 1..<Swift.max(high, low + 1) {
                if isChange(values[index - 1], values[index]) { changes += 1 }
            }
            return Double(changes)
        case .deriv:
            guard high - low >= 2 else { return Missing.value }
            return LinearRegression(columns, low..<high, interceptTime: columns.timestamps[low]).slope
        default: return Missing.value
        }
    }

    private static func lastTwo(
        _ function: RangeFunction, _ columns: SampleColumns, _ starts: [Int64], _ low: Int, _ high: Int
    ) -> Double {
        guard high - low >= 2 else { return Missing.value }
        let last = columns.values[high - 1]
        let previous = columns.values[high - 2]
        let interval = columns.timestamps[high - 1] - columns.timestamps[high - 2]
        guard interval > 0 else { return Missing.value }
        if function == .idelta { return last - previous }
        let isReset = last < previous || (!starts.isEmpty && beganAnew(columns, starts, high - 1))
        return (isReset ? last : last - previous) / (Double(interval) / 1000)
    }

    private static func variance(_ values: [Double], _ range: Range<Int>) -> Double {
        var count = 0.0
        var mean = CompensatedSum()
        var squares = CompensatedSum()
        for index in range {
            count += 1
            let delta = values[index] - (mean.sum + mean.compensation)
            mean.add(delta / count)
            squares.add(delta * (values[index] - (mean.sum + mean.compensation)))
        }
        return (squares.sum + squares.compensation) / count
    }

    /// Holt's double exponential smoothing.
    private static func smooth(_ values: ArraySlice<Double>, factor: Double, trend: Double) -> Double {
        guard values.count >= 2 else { return Missing.value }
        let start = values.startIndex
        var older = 0.0
        var smoothed = values[start]
        var slope = values[start + 1] - values[start]
        for index in 1..<values.count {
            let weighted = factor * values[start + index]
            if index > 1 { slope = trend * (smoothed - older) + (1 - trend) * slope }
            let estimate = (1 - factor) * (smoothed + slope)
            (older, smoothed) = (smoothed, weighted + estimate)
        }
        return smoothed
    }
}
