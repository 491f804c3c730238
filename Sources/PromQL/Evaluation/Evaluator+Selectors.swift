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

    /// What an instant selector makes of each sample.
    enum Reading {
        case value
        /// Its time in seconds.
        case time
        /// When counting began, in seconds.
        case startTime
    }

    /// Streams an instant selector's samples.
    dynamic func select(
        _ node: Expression.Selector, _ grid: StepGrid, _ reading: Reading = .value, _ sink: Sink
    ) throws(QueryError) {
        let moments = try moments(grid, node.at, node.offset)
        guard moments.count > 0 else { return }
        let isSmoothed = node.boundary == .smoothed && reading == .value
        let selected = try source.select(
            MetricSelection(
                matchers: node.matchers, minTime: moments.start - options.lookback + 1,
                maxTime: moments.end + (isSmoothed ? options.lookback : 0),
                hints: MetricSelection.Hints(
                    step: isRange ? outer.step : 0, startTimestamps: reading == .startTime,
                    newestOnly: moments.end == moments.start && !isSmoothed && reading != .startTime)),
            context: context)
        let found = counted(selected, moments, within: options.lookback, newestOnly: true)
        defer { context.release(bytes: found.memory) }
        var samples = SeriesSamples()
        try context.hold(samples: moments.count)
        defer { context.release(samples: moments.count) }
        var column = StepColumn(missing: moments.count)
        guard !isSmoothed, reading != .startTime, readsInPieces(found) else {
            for index in 0..<found.count {
                try context.check()
                if try read(index, of: found, node, moments, reading, &samples, into: &column) {
                    try sink(found.labels(at: index), false, &column)
                }
            }
            return
        }
        let lookback = options.lookback
        try ColumnPieces(found, steps: moments.count, context: context).forEach(state: {}) {
            _, samples, row throws(QueryError) in
            guard samples.histograms.isEmpty else { return .other }
            let any =
                reading == .time
                ? InstantWindow.times(samples.floats, grid: moments, lookback: lookback, into: row)
                : InstantWindow.values(samples.floats, grid: moments, lookback: lookback, into: row)
            return any ? .column : .empty
        } deliver: { index, outcome, row throws(QueryError) in
            if outcome == .column {
                column.assign(row)
            } else {
                guard try read(index, of: found, node, moments, reading, &samples, into: &column) else { return }
            }
            try sink(found.labels(at: index), false, &column)
        }
    }

    /// Whether a set is worth several cores. What is counted must be read once, in order.
    func readsInPieces(_ found: any MetricSeriesSet) -> Bool {
        found.count >= ColumnPieces.leastSeries && context.statistics == nil
    }

    /// Fills a column from a series' samples; true when there is anything at any step.
    private func read(
        _ index: Int, of found: any MetricSeriesSet, _ node: Expression.Selector, _ moments: StepGrid,
        _ reading: Reading, _ samples: inout SeriesSamples, into column: inout StepColumn
    ) throws(QueryError) -> Bool {
        samples.removeAll()
        try found.read(index, into: &samples)
        if !needsBuckets { samples.histograms.reduceToStatistics() }
        let weight = samples.weight
        try context.hold(samples: weight)
        defer { context.release(samples: weight) }
        let isSmoothed = node.boundary == .smoothed && reading == .value
        // Floats alone overwrite every step.
        if isSmoothed || reading == .startTime || !samples.histograms.isEmpty || column.hasHistograms {
            column = StepColumn(missing: moments.count)
        }
        guard isSmoothed else { return newest(samples, moments, reading, into: &column) }
        samples.removeStaleMarkers()
        let remarks = SmoothedMoments(grid: moments, lookback: options.lookback).evaluate(samples, into: &column)
        annotations.note(remarks, metric: Evaluator.name(found.labels(at: index)), at: node.range)
        return column.isPresentAnywhere
    }

    /// Fills a column with the newest sample at each moment; true when there is one at any.
    private func newest(
        _ samples: SeriesSamples, _ moments: StepGrid, _ reading: Reading, into column: inout StepColumn
    ) -> Bool {
        if samples.histograms.isEmpty, reading != .startTime {
            return column.values.withUnsafeMutableBufferPointer { out in
                reading == .time
                    ? InstantWindow.times(samples.floats, grid: moments, lookback: options.lookback, into: out)
                    : InstantWindow.values(samples.floats, grid: moments, lookback: options.lookback, into: out)
            }
        }
        let window = NewestSamples(samples, lookback: options.lookback)
        switch reading {
        case .value: return window.values(moments, into: &column)
        case .time: return window.times(moments, into: &column)
        case .startTime: return window.startTimes(moments, into: &column)
        }
    }

    /// The series of a range selector, and the ends and width of its windows.
    struct RangeSelection {
        let found: any MetricSeriesSet
        let moments: StepGrid
        let range: Int64
    }

    /// What a range selector selects; nil when there are no windows.
    func select(
        ranges node: Expression.Matrix, _ grid: StepGrid, _ function: String, _ startTimestamps: Bool
    ) throws(QueryError) -> RangeSelection? {
        let range = try positiveMilliseconds(node.duration)
        let moments = try moments(grid, node.selector.at, node.selector.offset)
        guard moments.count > 0 else { return nil }
        let before = node.selector.boundary == nil ? 0 : options.lookback
        let after = node.selector.boundary == .smoothed ? options.lookback : 0
        let selected = try source.select(
            MetricSelection(
                matchers: node.selector.matchers, minTime: moments.start - range - before + 1,
                maxTime: moments.end + after,
                hints: MetricSelection.Hints(
                    step: isRange ? outer.step : 0, range: range, function: function,
                    startTimestamps: startTimestamps)),
            context: context)
        let found = counted(selected, moments, within: range, newestOnly: false)
        return RangeSelection(found: found, moments: moments, range: range)
    }

    /// Calls `body` with a series of a range selector if it has samples.
    func read(
        _ index: Int, of selection: RangeSelection, _ startTimestamps: Bool, _ samples: inout SeriesSamples,
        _ body: (Labels, Bool, SeriesSamples, StepGrid, Int64) throws(QueryError) -> Void
    ) throws(QueryError) {
        samples.removeAll()
        try selection.found.read(index, into: &samples)
        samples.removeStaleMarkers()
        if !needsBuckets { samples.histograms.reduceToStatistics() }
        if !startTimestamps { samples.removeStartTimestamps() }
        if samples.isEmpty { return }
        let weight = samples.weight
        try context.hold(samples: weight)
        try body(selection.found.labels(at: index), false, samples, selection.moments, selection.range)
        context.release(samples: weight)
    }

    /// Calls `body` with every series of a range vector: its labels, whether its name is to go, its samples, and the
    /// ends and width of the windows.
    dynamic func forEachRange(
        _ expression: Expression, _ grid: StepGrid, function: String, startTimestamps: Bool = false,
        _ body: (Labels, Bool, SeriesSamples, StepGrid, Int64) throws(QueryError) -> Void
    ) throws(QueryError) {
        switch expression.unwrapped {
        case .matrix(let node):
            guard let selection = try select(ranges: node, grid, function, startTimestamps) else { return }
            defer { context.release(bytes: selection.found.memory) }
            var samples = SeriesSamples()
            for index in 0..<selection.found.count {
                try context.check()
                try read(index, of: selection, startTimestamps, &samples, body)
            }
        case .subquery(let node):
            let range = try positiveMilliseconds(node.duration)
            let moments = try moments(grid, node.at, node.offset)
            guard moments.count > 0 else { return }
            let inner = try subqueryGrid(node, moments, range)
            // Samples may be left out or come twice, so resets must be looked for in the buckets.
            // As in Prometheus, what a function gets of a subquery counts in place of what the subquery looked at; of one
            // that is the query itself, that counts which it looked at.
            let isArgument = !function.isEmpty
            let before = context.holding
            let whole = try inSubquery(isArgument) { () throws(QueryError) in try vector(node.expression, inner) }
            let holding = context.holding - before
            defer { context.release(holding) }
            var samples = SeriesSamples()
            // A row at a time is there as samples with their times, beside the vector.
            try context.hold(bytes: inner.count * 24)
            defer { context.release(bytes: inner.count * 24) }
            for row in 0..<whole.count {
                try context.check()
                samples.removeAll()
                Evaluator.present(whole.column(row), inner, into: &samples)
                samples.histograms.forgetResets()
                if samples.isEmpty { continue }
                if isArgument {
                    context.statistics?.note(
                        samples, moments, within: range, newestOnly: false, isInSubquery: isInSubquery, isRead: false)
                }
                try body(whole.labels[row], whole.dropsName[row], samples, moments, range)
            }
        default: throw QueryError(.internal, "expression of type \(expression.type.rawValue) where a range must be")
        }
    }

    /// A series' metric name, or nothing.
    static func name(_ labels: Labels) -> String { labels[Labels.metricName] ?? "" }

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
        var boundary: Expression.Boundary?
        if case .matrix(let node) = expression.unwrapped { boundary = node.selector.boundary }
        var result: [QueryResult.Series] = []
        try forEachRange(expression, grid, function: "") {
            labels, dropsName, samples, moments, range throws(QueryError) in
            var series = QueryResult.Series(labels: labels, samples: SampleColumns())
            let (start, end) = (moments.start - range, moments.start)
            if let boundary {
                guard samples.histograms.isEmpty else {
                    throw QueryError(
                        .execution, "\(boundary.rawValue) modifier is not supported with histograms")
                }
                series.samples = ExtendedRange(
                    function: .delta, boundary: boundary, grid: moments, range: range, lookback: options.lookback
                ).samples(samples.floats, start: start, end: end)
            } else {
                for (time, value) in zip(samples.floats.timestamps, samples.floats.values)
                where time > start && time <= end {
                    series.samples.append(time, value)
                }
                for (time, value) in zip(samples.histograms.timestamps, samples.histograms.values)
                where time > start && time <= end {
                    series.histograms.append(time, value)
                }
            }
            if series.samples.isEmpty, series.histograms.isEmpty { return }
            if dropsName { series.labels = LabelSubset.withoutMetricName.labels(of: labels) }
            try context.hold(samples: series.samples.count + series.histograms.weight)
            result.append(series)
        }
        return result.sorted { $0.labels < $1.labels }
    }
}
