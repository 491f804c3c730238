import MartletCore
import SampleMath

/// info(v, {selector}): adds the labels of info series, such as `target_info`, to the series that they describe.
extension Evaluator {
    func info(_ node: Expression.Call, _ grid: StepGrid) throws(QueryError) -> StepVector {
        var selector = InfoSelector(matchers: [])
        if node.arguments.count > 1, case .selector(let labels) = node.arguments[1].unwrapped {
            selector = InfoSelector(matchers: labels.matchers)
        }
        let base = try vector(node.arguments[0], grid)
        let moments = try infoMoments(node.arguments[0], grid)
        var join = InfoJoin(selector: selector, base: base)
        if let matchers = join.matchers {
            let found = try source.select(
                MetricSelection(
                    matchers: matchers, minTime: moments.start - options.lookback + 1, maxTime: moments.end,
                    hints: MetricSelection.Hints(step: isRange ? outer.step : 0, function: "info")), context: context)
            var samples = SeriesSamples()
            for index in 0..<found.count {
                try context.check()
                samples.removeAll()
                try found.read(index, into: &samples)
                guard samples.histograms.isEmpty else {
                    throw QueryError(
                        .execution, "this should be an info metric, with float samples: \(found.labels(at: index))")
                }
                var times = [Double](repeating: Missing.value, count: moments.count)
                let any = times.withUnsafeMutableBufferPointer {
                    InstantWindow.times(samples.floats, grid: moments, lookback: options.lookback, into: $0)
                }
                guard any else { continue }
                try context.hold(samples: times.count)
                join.add(found.labels(at: index), times)
            }
        }
        return try join.joined(context)
    }

    /// The moments at which info series are looked up: what `@` and `offset` of the argument's first selector, and of
    /// the subqueries around it, make of the steps.
    private func infoMoments(_ argument: Expression, _ grid: StepGrid) throws(QueryError) -> StepGrid {
        var modifiers: [(at: Expression.At?, offset: DurationExpression?)] = []
        _ = Evaluator.findModifiers(argument, &modifiers)
        var shift: Int64 = 0
        for modifier in modifiers {
            if let offset = modifier.offset { shift -= try milliseconds(offset) }
            switch modifier.at {
            case nil: continue
            case .time(let time): return StepGrid(constant: time + shift, count: grid.count)
            case .start: return StepGrid(constant: outer.start + shift, count: grid.count)
            case .end: return StepGrid(constant: outer.end + shift, count: grid.count)
            }
        }
        return grid.shifted(by: shift)
    }

    /// Collects the modifiers of the first selector and of the subqueries around it, innermost first; false without a
    /// selector.
    private static func findModifiers(
        _ expression: Expression, _ modifiers: inout [(at: Expression.At?, offset: DurationExpression?)]
    ) -> Bool {
        if case .selector(let selector) = expression {
            modifiers.append((selector.at, selector.offset))
            return true
        }
        for child in expression.children where findModifiers(child, &modifiers) {
            if case .subquery(let node) = expression { modifiers.append((node.at, node.offset)) }
            return true
        }
        return false
    }
}
