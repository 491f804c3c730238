import MartletCore
import SampleMath

/// Selectors and subqueries: where samples come in.
extension Evaluator {
    /// The moments a selector looks at, given the query's: moved by its offset, or fixed by `@`.
    private func moments(
        _ grid: StepGrid, _ at: Expression.At?, _ offset: DurationExpression?
    ) throws(QueryError) -> StepGrid {
        let shift = try offset.map { (duration) throws(QueryError) in -(try milliseconds(duration)) } ?? 0
        switch at {
        case nil: return grid.shifted(by: shift)
        case .time(let time): return StepGrid(constant: time + shift, count: grid.count)
        case .start: return StepGrid(constant: outer.start + shift, count: grid.count)
        case .end: return StepGrid(constant: outer.end + shift, count: grid.count)
        }
    }

    /// Streams an instant selector's values, or with `times` the times of its samples in seconds.
    dynamic func select(_ node: Expression.Selector, _ grid: StepGrid, times: Bool, _ sink: Sink) throws(QueryError) {
        let moments = try moments(grid, node.at, node.offset)
        guard moments.count > 0 else { return }
        let found = try source.select(
            MetricSelection(
                matchers: node.matchers, minTime: moments.start - options.lookback + 1, maxTime: moments.end,
                hints: MetricSelection.Hints(step: isRange ? outer.step : 0)), context: context)
        var samples = SampleColumns()
        var column = [Double](repeating: Missing.value, count: moments.count)
        for index in 0..<found.count {
            try context.check()
            samples.removeAll()
            try found.read(index, into: &samples)
            try context.hold(samples: samples.count)
            let any = column.withUnsafeMutableBufferPointer { out in
                times
                    ? InstantWindow.times(samples, grid: moments, lookback: options.lookback, into: out)
                    : InstantWindow.values(samples, grid: moments, lookback: options.lookback, into: out)
            }
            context.release(samples: samples.count)
            if any { try sink(found.labels(at: index), false, &column) }
        }
    }

    /// Calls `body` with every series of a range vector: its labels, whether its name is to go, its samples, and the
    /// ends and width of the windows.
    dynamic func forEachRange(
        _ expression: Expression, _ grid: StepGrid, function: String,
        _ body: (Labels, Bool, SampleColumns, StepGrid, Int64) throws(QueryError) -> Void
    ) throws(QueryError) {
        switch expression.unwrapped {
        case .matrix(let node):
            let range = try positiveMilliseconds(node.duration)
            let moments = try moments(grid, node.selector.at, node.selector.offset)
            guard moments.count > 0 else { return }
            let found = try source.select(
                MetricSelection(
                    matchers: node.selector.matchers, minTime: moments.start - range + 1, maxTime: moments.end,
                    hints: MetricSelection.Hints(step: isRange ? outer.step : 0, range: range, function: function)),
                context: context)
            var samples = SampleColumns()
            for index in 0..<found.count {
                try context.check()
                samples.removeAll()
                try found.read(index, into: &samples)
                samples.removeStaleMarkers()
                if samples.isEmpty { continue }
                try context.hold(samples: samples.count)
                try body(found.labels(at: index), false, samples, moments, range)
                context.release(samples: samples.count)
            }
        case .subquery(let node):
            let range = try positiveMilliseconds(node.duration)
            let moments = try moments(grid, node.at, node.offset)
            guard moments.count > 0 else { return }
            let inner = try subqueryGrid(node, moments, range)
            let whole = try vector(node.expression, inner)
            for row in 0..<whole.count {
                try context.check()
                let samples = Evaluator.present(whole.row(row), inner)
                if samples.isEmpty { continue }
                try body(whole.labels[row], whole.dropsName[row], samples, moments, range)
            }
        default: throw QueryError(.internal, "expression of type \(expression.type.rawValue) where a range must be")
        }
    }

    /// The steps at which a subquery's expression is evaluated: multiples of its step inside all of its windows.
    private func subqueryGrid(
        _ node: Expression.Subquery, _ moments: StepGrid, _ range: Int64
    ) throws(QueryError) -> StepGrid {
        let step =
            try node.step.map { (step) throws(QueryError) in try positiveMilliseconds(step) }
            ?? options.subqueryStep
        let edge = moments.start - range
        var start = step * (edge / step)
        if start <= edge { start += step }
        let steps = moments.end < start ? 0 : (moments.end - start) / step + 1
        guard steps <= Int64(context.maxSamples) else {
            throw QueryError(
                .execution, "query processing would load too many samples into memory in query execution")
        }
        return StepGrid(start: start, end: moments.end, step: step)
    }

    /// The samples themselves: what an instant query for a range vector answers.
    func rawSamples(_ expression: Expression, _ grid: StepGrid) throws(QueryError) -> [QueryResult.Series] {
        var result: [QueryResult.Series] = []
        try forEachRange(expression, grid, function: "") {
            labels, dropsName, samples, moments, range throws(QueryError) in
            var inside = SampleColumns()
            for index in 0..<samples.count
            where samples.timestamps[index] > moments.start - range && samples.timestamps[index] <= moments.start {
                inside.append(samples.timestamps[index], samples.values[index])
            }
            if inside.isEmpty { return }
            let named = dropsName ? LabelSubset.withoutMetricName.labels(of: labels) : labels
            result.append(QueryResult.Series(labels: named, samples: inside))
            try context.hold(samples: inside.count)
        }
        return result.sorted { $0.labels < $1.labels }
    }
}
