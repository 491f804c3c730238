import MartletCore
import SampleMath

/// Functions that work on one series at a time, and those that need the whole vector.
extension Evaluator {
    // MARK: One series at a time

    func rangeCall(
        _ node: Expression.Call, _ call: RangeCall, _ grid: StepGrid, _ sink: Sink
    ) throws(QueryError) {
        var parameters: [[Double]] = []
        for position in call.parameters { parameters.append(try scalar(node.arguments[position], grid)) }
        let argument = node.arguments[call.rangeArgument].unwrapped
        let boundary = try boundary(of: argument, in: node)
        try context.hold(samples: grid.count)
        defer { context.release(samples: grid.count) }
        let usesStarts = options.startTimestamps && call.usesStartTimestamps
        var run = RangeRun(
            node: node, call: call, grid: grid, argument: argument, boundary: boundary, parameters: parameters,
            usesStarts: usesStarts)
        guard boundary == nil, !usesStarts, case .matrix(let matrix) = argument else {
            try forEachRange(argument, grid, function: node.function.name, startTimestamps: usesStarts) {
                labels, dropsName, samples, moments, range throws(QueryError) in
                try run.evaluate(labels, dropsName, samples, moments, range, self, sink)
            }
            return
        }
        guard let selection = try select(ranges: matrix, grid, node.function.name, false) else { return }
        defer { context.release(bytes: selection.found.memory) }
        var samples = SeriesSamples()
        guard readsInPieces(selection.found) else {
            for index in 0..<selection.found.count {
                try context.check()
                try read(index, of: selection, false, &samples) {
                    labels, dropsName, samples, moments, range throws(QueryError) in
                    try run.evaluate(labels, dropsName, samples, moments, range, self, sink)
                }
            }
            return
        }
        let (ends, range, context) = (run.ends(selection.moments), selection.range, context)
        let (first, second) = (run.parameter(0), run.parameter(1))
        try ColumnPieces(selection.found, steps: ends.count, context: context).forEach {
            WatchedWindow(grid: ends, range: range, context: context)
        } compute: { window, samples, row throws(QueryError) in
            samples.removeStaleMarkers()
            samples.removeStartTimestamps()
            if samples.isEmpty { return .empty }
            guard samples.histograms.isEmpty else { return .other }
            let any = try window.evaluate(
                call.function, samples, parameters: first, second: second, evaluationTimes: grid, into: row)
            return any ? .column : .absent
        } deliver: { index, outcome, row throws(QueryError) in
            switch outcome {
            case .empty, .absent: try run.prepare(selection.moments, range, self)
            case .column: try run.deliver(row, selection.found.labels(at: index), selection.moments, range, self, sink)
            case .other:
                try read(index, of: selection, false, &samples) {
                    labels, dropsName, samples, moments, range throws(QueryError) in
                    try run.evaluate(labels, dropsName, samples, moments, range, self, sink)
                }
            }
        }
    }

    /// The boundary of a range selector, if the function can do with it.
    private func boundary(
        of argument: Expression, in node: Expression.Call
    ) throws(QueryError) -> Expression.Boundary? {
        guard case .matrix(let matrix) = argument, let boundary = matrix.selector.boundary else { return nil }
        let allowed =
            boundary == .anchored
            ? ["changes", "delta", "increase", "rate", "resets"] : ["delta", "increase", "rate"]
        guard allowed.contains(node.function.name) else {
            throw QueryError(
                .execution,
                "\(boundary.rawValue) modifier can only be used with: \(allowed.joined(separator: ", ")) - not with "
                    + node.function.name)
        }
        return boundary
    }

    /// Warns of samples that count from before the sample before them, once per window in which there is one.
    func warnOfOverlaps(
        _ samples: SeriesSamples, _ ends: StepGrid, _ range: Int64, _ labels: Labels, _ call: RangeCall,
        _ argument: Expression
    ) {
        guard call.function == .rate || call.function == .increase else { return }
        for (times, starts) in [
            (samples.floats.timestamps, samples.floatStartTimestamps),
            (samples.histograms.timestamps, samples.histograms.startTimestamps),
        ] where !starts.isEmpty {
            let overlapping = starts.indices.dropFirst().filter { position in
                StartTimestamp.overlaps(
                    previousStart: starts[position - 1], previousTime: times[position - 1], start: starts[position])
            }
            if overlapping.isEmpty { continue }
            var window = 0..<0
            for step in 0..<ends.count {
                let end = ends.time(step)
                window = HistogramRange.advance(window, times, from: end - range, to: end)
                if overlapping.contains(where: { $0 > window.lowerBound && $0 < window.upperBound }) {
                    annotations.warnOfOverlap(Evaluator.name(labels), at: argument.range)
                }
            }
        }
    }

    func checkParameters(
        _ call: RangeCall, _ parameters: [[Double]], _ node: Expression.Call
    ) throws(QueryError) {
        if call.function == .quantile {
            annotations.checkQuantiles(parameters[0], at: node.arguments[0].unwrapped.range)
        }
        guard call.function == .doubleExponentialSmoothing else { return }
        for (column, name, short) in [(parameters[0], "smoothing", "sf"), (parameters[1], "trend", "tf")] {
            for value in column where !(value > 0 && value < 1) {
                throw QueryError(
                    .execution,
                    "invalid \(name) factor. Expected: 0 < \(short) < 1, got: \(FloatText.fixed(value))")
            }
        }
    }

    /// Prometheus' remark on rates of what does not look like a counter.
    ///
    /// Series of one metric mostly come one behind the other: true when all has been said of the metric.
    func remarkOnName(_ labels: Labels, _ column: StepColumn, _ argument: Expression) -> Bool {
        let name = Evaluator.name(labels)
        guard !name.isEmpty else { return true }
        if column.hasHistograms, column.values.allSatisfy(Missing.isMissing) { return false }
        if options.typeAndUnitLabels {
            let type = labels["__type__"] ?? ""
            if type == "counter" || type == "histogram" { return false }
            annotations.inform(
                "metric might not be a counter, __type__ label is not set to \"counter\" or \"histogram\", got "
                    + "\(GoQuote.quote(type)): \(GoQuote.quote(name))", at: argument.range)
            return false
        }
        for suffix in ["_total", "_sum", "_count", "_bucket"] where name.hasSuffix(suffix) { return true }
        annotations.inform(
            "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: \(GoQuote.quote(name))",
            at: argument.range)
        return true
    }

    func elementCall(
        _ node: Expression.Call, _ function: ElementFunction, _ grid: StepGrid, _ sink: Sink
    ) throws(QueryError) {
        if function.isOfTime, node.arguments.isEmpty {
            var column = StepColumn(
                (0..<grid.count).map { function.apply(Double(grid.time($0)) / 1000, 0, 0) ?? .nan })
            try sink(Labels(), false, &column)
            return
        }
        let first = node.arguments.count > 1 ? try scalar(node.arguments[1], grid) : nil
        let second = node.arguments.count > 2 ? try scalar(node.arguments[2], grid) : nil
        try stream(node.arguments[0], grid) { labels, _, column throws(QueryError) in
            column.dropHistograms()
            var any = false
            for step in column.values.indices where !Missing.isMissing(column.values[step]) {
                let value = function.apply(column.values[step], first?[step] ?? 1, second?[step] ?? 0)
                column.values[step] = value ?? Missing.value
                if value != nil { any = true }
            }
            if any { try emitWithoutName(labels, &column, sink) }
        }
    }

    func histogramCall(
        _ node: Expression.Call, _ function: HistogramFunction, _ grid: StepGrid, _ sink: Sink
    ) throws(QueryError) {
        let isStatistic = function != .stddev && function != .stdvar
        try withBuckets(!isStatistic) { () throws(QueryError) in
            try stream(node.arguments[0], grid) { labels, _, column throws(QueryError) in
                guard column.hasHistograms else { return }
                var result = StepColumn(missing: column.count)
                for (step, histogram) in column.histograms.enumerated() {
                    if let histogram { result.values[step] = function.apply(histogram) }
                }
                if result.isPresentAnywhere { try emitWithoutName(labels, &result, sink) }
            }
        }
    }

    func timestamp(_ node: Expression.Call, _ grid: StepGrid, _ sink: Sink) throws(QueryError) {
        // Of a selector it is the samples' own time, of anything computed the step's.
        if case .selector(let selector) = node.arguments[0].unwrapped {
            try select(selector, grid, .time) { labels, _, column throws(QueryError) in
                try emitWithoutName(labels, &column, sink)
            }
            return
        }
        try stream(node.arguments[0], grid) { labels, _, column throws(QueryError) in
            for step in 0..<column.count where column.isPresent(step) {
                column.values[step] = Double(grid.time(step)) / 1000
            }
            column.dropHistograms()
            try emitWithoutName(labels, &column, sink)
        }
    }

    /// start_timestamp(v): when counting began, of a selector's samples; of anything else it is not known.
    func startTimestamp(_ node: Expression.Call, _ grid: StepGrid, _ sink: Sink) throws(QueryError) {
        guard case .selector(let selector) = node.arguments[0].unwrapped, options.startTimestamps else { return }
        try select(selector, grid, .startTime) { labels, _, column throws(QueryError) in
            try emitWithoutName(labels, &column, sink)
        }
    }

    // MARK: Whole vectors

    /// Calls that need all series at once; nil for the others.
    func wholeVectorCall(_ node: Expression.Call, _ grid: StepGrid) throws(QueryError) -> StepVector? {
        switch node.function.name {
        case "vector":
            var result = StepVector(steps: grid.count)
            let column = StepColumn(try scalar(node.arguments[0], grid))
            try hold(row: column)
            result.append(Labels(), dropsName: false, column)
            return result
        case "absent", "absent_over_time": return try absent(node, grid)
        case "sort", "sort_desc", "sort_by_label", "sort_by_label_desc": return try sorted(node, grid)
        case "label_replace": return try labelReplace(node, grid)
        case "label_join": return try labelJoin(node, grid)
        case "histogram_quantile", "histogram_quantiles", "histogram_fraction": return try histogram(node, grid)
        case "info": return try info(node, grid)
        default: return nil
        }
    }

    private func absent(_ node: Expression.Call, _ grid: StepGrid) throws(QueryError) -> StepVector {
        let argument = node.arguments[0].unwrapped
        try context.hold(samples: grid.count)
        var column = StepColumn([Double](repeating: 1, count: grid.count))
        if node.function.name == "absent" {
            try stream(argument, grid) { _, _, found throws(QueryError) in
                for step in 0..<found.count where found.isPresent(step) { column.clear(step) }
            }
        } else {
            _ = try boundary(of: argument, in: node)
            try forEachRange(argument, grid, function: node.function.name) {
                _, _, samples, moments, range throws(QueryError) in
                for times in [samples.floats.timestamps, samples.histograms.timestamps] {
                    var window = 0..<0
                    for step in 0..<grid.count {
                        let end = moments.time(step)
                        window = HistogramRange.advance(window, times, from: end - range, to: end)
                        if !window.isEmpty { column.clear(step) }
                    }
                }
            }
        }
        var result = StepVector(steps: grid.count)
        if column.isPresentAnywhere {
            result.append(Evaluator.absentLabels(argument), dropsName: false, column)
        }
        return result
    }

    /// The labels that a selector fixes; one that is matched twice, or otherwise than by equality, is not.
    private static func absentLabels(_ expression: Expression) -> Labels {
        let matchers: [Matcher]
        switch expression {
        case .selector(let node): matchers = node.matchers
        case .matrix(let node): matchers = node.selector.matchers
        default: return Labels()
        }
        var builder = LabelsBuilder()
        var seen: Set<String> = []
        for matcher in matchers where matcher.name != Labels.metricName {
            if matcher.kind == .equal, !seen.contains(matcher.name) {
                builder.set(matcher.name, matcher.value)
                seen.insert(matcher.name)
            } else {
                builder.remove(matcher.name)
            }
        }
        return builder.build()
    }

    private func sorted(_ node: Expression.Call, _ grid: StepGrid) throws(QueryError) -> StepVector {
        if isRange {
            annotations.warn(
                "sort is ineffective for range queries since results are always ordered by labels", at: node.range)
        }
        let whole = try vector(node.arguments[0], grid)
        let name = node.function.name
        let descending = name.hasSuffix("_desc")
        var order = Array(0..<whole.count)
        let isByLabel = name.hasPrefix("sort_by_label")
        if isByLabel {
            var names: [[UInt8]] = []
            for argument in node.arguments.dropFirst() { names.append(try string(argument)) }
            names = try decisive(names, whole)
            try sort(&order) { a, b in
                descending
                    ? whole.labels[b].precedes(whole.labels[a], by: names)
                    : whole.labels[a].precedes(whole.labels[b], by: names)
            }
        } else if grid.count > 0 {
            // Histograms have no order: a series keeps the steps at which it is a float.
            if whole.hasHistograms { order.removeAll { !whole.rowHasFloats($0) } }
            order.sort { a, b in
                let (x, y) = (whole.value(a, 0), whole.value(b, 0))
                // NaN comes last either way.
                if x.isNaN || y.isNaN { return !x.isNaN }
                return descending ? x > y : x < y
            }
        }
        try context.hold(bytes: whole.count * (grid.count * 8 + StepVector.rowBytes))
        return whole.rows(order, floatsOnly: !isByLabel)
    }

    /// Sorts, and looks at the deadline on the way.
    private func sort(_ order: inout [Int], by isBefore: (Int, Int) -> Bool) throws(QueryError) {
        var comparisons = 0
        do {
            try order.sort { a, b in
                comparisons += 1
                if comparisons % 256 == 0 { try context.check() }
                return isBefore(a, b)
            }
        } catch let error as QueryError {
            throw error
        } catch {
            throw QueryError(.internal, "\(error)")
        }
    }
}
