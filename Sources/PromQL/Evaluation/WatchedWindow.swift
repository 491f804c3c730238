import SampleMath

/// A function over the windows of one series after another, which looks at the query's deadline on the way: windows may
/// overlap so much that a single series takes minutes.
struct WatchedWindow {
    /// Samples that are passed between two looks, about.
    private static let samplesPerLook = 1 << 26

    private let grid: StepGrid
    private let range: Int64
    private let context: QueryContext
    private var window: RangeWindow

    init(grid: StepGrid, range: Int64, context: QueryContext) {
        self.grid = grid
        self.range = range
        self.context = context
        window = RangeWindow(grid: grid, range: range)
    }

    /// `RangeWindow.evaluate` over all steps, in pieces where that is much.
    mutating func evaluate(
        _ function: RangeFunction, _ samples: SeriesSamples, parameters: [Double], second: [Double],
        evaluationTimes: StepGrid, into out: UnsafeMutableBufferPointer<Double>
    ) throws(QueryError) -> Bool {
        let pieceSteps = max(1, Self.samplesPerLook / perWindow(samples.floats))
        if pieceSteps >= grid.count {
            return window.evaluate(
                function, samples.floats, parameters: parameters, second: second, evaluationTimes: evaluationTimes,
                startTimestamps: samples.floatStartTimestamps, into: out)
        }
        var any = false
        var first = 0
        while first < grid.count {
            try context.check()
            let steps = first..<min(first + pieceSteps, grid.count)
            var piece = RangeWindow(grid: grid.part(steps), range: range)
            let found = piece.evaluate(
                function, samples.floats, parameters: parameters.isEmpty ? [] : Array(parameters[steps]),
                second: second.isEmpty ? [] : Array(second[steps]),
                evaluationTimes: evaluationTimes.part(steps), startTimestamps: samples.floatStartTimestamps,
                into: UnsafeMutableBufferPointer(rebasing: out[steps]))
            any = any || found
            first = steps.upperBound
        }
        return any
    }

    /// Samples that a window holds, about.
    private func perWindow(_ floats: SampleColumns) -> Int {
        guard let first = floats.timestamps.first, let last = floats.timestamps.last, last - first > range else {
            return max(1, floats.count)
        }
        return max(1, Int(Double(floats.count) * Double(range) / Double(last - first)))
    }
}

extension StepGrid {
    /// Some of the moments in a row.
    fileprivate func part(_ steps: Range<Int>) -> StepGrid {
        var part = self
        part.start = time(steps.lowerBound)
        part.count = steps.count
        return part
    }
}
