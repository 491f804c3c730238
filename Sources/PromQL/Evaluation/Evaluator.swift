import MartletCore
import SampleMath

/// Evaluates one query's expression tree over a grid of steps, all steps of a series at once.
///
/// Whatever works on one series at a time (selectors, functions over ranges, arithmetic with scalars) is streamed:
/// an aggregation above it never holds more than its groups.
final class Evaluator {
    /// What a stream hands over: labels, whether the name is to go, and the series' column, which may be changed.
    typealias Sink = (Labels, Bool, inout StepColumn) throws(QueryError) -> Void

    let options: Engine.Options
    /// The whole query's steps: what `start()`, `end()`, `range()` and `step()` speak of.
    let outer: StepGrid
    let isRange: Bool
    let source: any MetricSource
    let context: QueryContext
    var annotations: Annotations
    /// False while all that is wanted of native histograms is their counts and sums.
    private(set) var needsBuckets = true
    /// True while the expression of a subquery is evaluated that is an argument, whose steps are not the query's.
    private(set) var isInSubquery = false
    /// True while names that are to go may stay on the series handed over, since nobody looks at them.
    private(set) var leavesNames = false

    init(
        options: Engine.Options, grid: StepGrid, isRange: Bool, query: [UInt8], source: any MetricSource,
        context: QueryContext
    ) {
        self.options = options
        outer = grid
        self.isRange = isRange
        self.source = source
        self.context = context
        annotations = Annotations(query: query)
    }

    /// The query's step in seconds, 0 for instant queries.
    var stepSeconds: Double { isRange ? Double(outer.step) / 1000 : 0 }

    /// The query's end minus its start in seconds. `end` is the last step, which is what Prometheus computes with too
    /// once a query's range is a multiple of its step.
    var rangeSeconds: Double { Double(outer.end - outer.start) / 1000 }

    func milliseconds(_ duration: DurationExpression) throws(QueryError) -> Int64 {
        try milliseconds(duration, mustBePositive: false)
    }

    func positiveMilliseconds(_ duration: DurationExpression) throws(QueryError) -> Int64 {
        try milliseconds(duration, mustBePositive: true)
    }

    private func milliseconds(
        _ duration: DurationExpression, mustBePositive: Bool
    ) throws(QueryError) -> Int64 {
        do throws(DurationExpression.Fault) {
            let seconds = try duration.seconds(step: stepSeconds, range: rangeSeconds)
            guard seconds.isFinite else { throw duration.fault("duration is NaN or infinite") }
            // Both what is written and what is left of it in milliseconds.
            guard seconds > 0 || !mustBePositive else { throw duration.fault("duration must be greater than 0") }
            // What Go's durations can hold.
            guard seconds.magnitude <= 9_223_372_036.854775807 else { throw duration.fault("duration is out of range") }
            // Prometheus rounds what is written and cuts what is computed.
            let milliseconds = Int64(duration.isLiteral ? (seconds * 1000).rounded() : seconds * 1000)
            guard milliseconds > 0 || !mustBePositive else { throw duration.fault("duration must be greater than 0") }
            return milliseconds
        } catch {
            // The query is at fault, although that shows only with its step and range.
            throw QueryError(.badData, "invalid parameter \"query\": \(error)")
        }
    }

    /// Calls `body` while the buckets of histograms are wanted, or are not.
    ///
    /// `dynamic` for the reason that `stream` is.
    dynamic func withBuckets<R>(_ needed: Bool, _ body: () throws(QueryError) -> R) throws(QueryError) -> R {
        let before = needsBuckets
        needsBuckets = needed
        defer { needsBuckets = before }
        return try body()
    }

    /// Calls `body` for a subquery's expression: with buckets, since samples may be left out or come twice, so that resets
    /// must be looked for in them.
    ///
    /// `dynamic` for the reason that `stream` is.
    dynamic func inSubquery<R>(
        _ isArgument: Bool, _ body: () throws(QueryError) -> R
    ) throws(QueryError) -> R {
        let before = isInSubquery
        isInSubquery = before || isArgument
        defer { isInSubquery = before }
        return try withBuckets(true, body)
    }

    // MARK: Vectors

    /// All series of an expression of type vector.
    func vector(_ expression: Expression, _ grid: StepGrid) throws(QueryError) -> StepVector {
        switch expression {
        case .parenthesised(let inner, _): return try vector(inner, grid)
        case .aggregate(let node): return try aggregate(node, grid)
        case .binary(let node) where node.left.type == .vector && node.right.type == .vector:
            return try vectorBinary(node, grid)
        case .call(let node):
            if let result = try wholeVectorCall(node, grid) { return result }
        default: break
        }
        var result = StepVector(steps: grid.count)
        try streamMerged(expression, grid) { labels, dropsName, column throws(QueryError) in
            try hold(row: column)
            result.append(labels, dropsName: dropsName, column)
        }
        return result
    }

    /// Accounts for a row that a vector is about to take.
    func hold(row column: StepColumn) throws(QueryError) {
        let weight = column.weight
        try context.hold(samples: weight, bytes: weight * 8 + StepVector.rowBytes)
    }

    /// Hands over the series of an expression of type vector one after another.
    ///
    /// `dynamic`, as the other functions that recurse through a sink are: otherwise the optimiser clones the recursion
    /// for every closure within every closure, and compiling this module takes half an hour.
    dynamic func stream(_ expression: Expression, _ grid: StepGrid, _ sink: Sink) throws(QueryError) {
        if isStreamable(expression) {
            try streamMerged(expression, grid, sink)
            return
        }
        let before = context.holding
        let whole = try vector(expression, grid)
        try handOver(whole, context.holding - before, sink)
    }

    /// Hands over the rows of a vector, and accounts for its end.
    private func handOver(
        _ whole: StepVector, _ holding: QueryContext.Holding, _ sink: Sink
    ) throws(QueryError) {
        defer { context.release(holding) }
        for row in 0..<whole.count {
            var column = whole.column(row)
            try sink(whole.labels[row], whole.dropsName[row], &column)
        }
    }

    /// Streams; series that lost their names and now have equal labels are joined first.
    private func streamMerged(_ expression: Expression, _ grid: StepGrid, _ sink: Sink) throws(QueryError) {
        if options.delayedNameRemoval || !removesNames(expression) || hasOneName(expression) {
            try streamSeries(expression, grid, sink)
            return
        }
        let before = context.holding
        var whole = StepVector(steps: grid.count)
        try streamSeries(expression, grid) { labels, dropsName, column throws(QueryError) in
            try hold(row: column)
            whole.append(labels, dropsName: dropsName, column)
        }
        try whole.mergeDuplicates(context)
        try handOver(whole, context.holding - before, sink)
    }

    /// Works on one series at a time.
    private func isStreamable(_ expression: Expression) -> Bool {
        switch expression {
        case .parenthesised(let inner, _): isStreamable(inner)
        case .selector, .unary: true
        case .binary(let node): node.left.type == .scalar || node.right.type == .scalar
        case .call(let node):
            RangeCall(node.function.name) != nil || ElementFunction(node.function.name) != nil
                || HistogramFunction(rawValue: node.function.name) != nil
                || node.function.name == "timestamp" || node.function.name == "start_timestamp"
        default: false
        }
    }

    private func streamSeries(_ expression: Expression, _ grid: StepGrid, _ sink: Sink) throws(QueryError) {
        switch expression {
        case .parenthesised(let inner, _): try stream(inner, grid, sink)
        case .selector(let node): try select(node, grid, .value, sink)
        case .unary(let isMinus, let inner, _):
            guard isMinus else {
                try stream(inner, grid, sink)
                return
            }
            try stream(inner, grid) { labels, dropsName, column throws(QueryError) in
                for step in column.values.indices where !Missing.isMissing(column.values[step]) {
                    column.values[step] = -column.values[step]
                }
                for step in column.histograms.indices { column.histograms[step]?.multiply(by: -1) }
                try emitWithoutName(labels, &column, sink)
            }
        case .binary(let node): try scalarBinary(node, grid, sink)
        case .call(let node):
            if let call = RangeCall(node.function.name) {
                try rangeCall(node, call, grid, sink)
            } else if node.function.name == "timestamp" {
                try timestamp(node, grid, sink)
            } else if node.function.name == "start_timestamp" {
                try startTimestamp(node, grid, sink)
            } else if let function = HistogramFunction(rawValue: node.function.name) {
                try histogramCall(node, function, grid, sink)
            } else if let function = ElementFunction(node.function.name) {
                try elementCall(node, function, grid, sink)
            } else {
                throw QueryError(.internal, "function \(GoQuote.quote(node.function.name)) is not known here")
            }
        default: throw QueryError(.internal, "expression of type \(expression.type.rawValue) where a vector must be")
        }
    }

    /// Hands a series over that has lost its name, now or at the end of the query.
    func emitWithoutName(_ labels: Labels, _ column: inout StepColumn, _ sink: Sink) throws(QueryError) {
        if options.delayedNameRemoval || leavesNames {
            try sink(labels, true, &column)
        } else {
            try sink(LabelSubset.withoutMetricName.labels(of: labels), false, &column)
        }
    }

    /// `stream` for somebody who may not look at names: then a function over one metric's ranges need not take them off.
    func stream(
        _ expression: Expression, _ grid: StepGrid, looksAtNames: Bool, _ sink: Sink
    ) throws(QueryError) {
        if !looksAtNames, case .call(let node) = expression.unwrapped,
            let call = RangeCall(node.function.name), call.parameters.isEmpty,
            case .matrix = node.arguments[call.rangeArgument].unwrapped, hasOneName(expression)
        {
            leavesNames = true
        }
        defer { leavesNames = false }
        try stream(expression, grid, sink)
    }

    /// True when the expression itself takes names away.
    private func removesNames(_ expression: Expression) -> Bool {
        switch expression {
        case .parenthesised(let inner, _): removesNames(inner)
        case .unary(let isMinus, _, _): isMinus
        case .binary(let node): !node.operation.keepsMetricName || node.returnsBool
        case .call(let node): RangeCall(node.function.name)?.keepsName != true
        default: false
        }
    }

    /// True when all series below come from one selector of one metric, so that losing the name makes no two equal.
    private func hasOneName(_ expression: Expression) -> Bool {
        switch expression {
        case .parenthesised(let inner, _), .unary(_, let inner, _): hasOneName(inner)
        case .selector(let node):
            node.matchers.contains { $0.kind == .equal && $0.name == Labels.metricName && !$0.value.isEmpty }
        case .matrix(let node): hasOneName(.selector(node.selector))
        case .subquery(let node): isStreamable(node.expression) && hasOneName(node.expression)
        case .binary(let node):
            isStreamable(expression) && hasOneName(node.left.type == .vector ? node.left : node.right)
        case .call(let node):
            isStreamable(expression)
                && (node.arguments.first { $0.type == .vector || $0.type == .matrix }.map(hasOneName) ?? true)
        default: false
        }
    }

    // MARK: Scalars

    /// An expression of type scalar, one value per step; accounted for as long as the query runs.
    func scalar(_ expression: Expression, _ grid: StepGrid) throws(QueryError) -> [Double] {
        try context.check()
        switch expression {
        case .number(let node):
            try context.hold(samples: grid.count)
            return [Double](repeating: node.value, count: grid.count)
        case .parenthesised(let inner, _): return try scalar(inner, grid)
        case .unary(let isMinus, let inner, _):
            let column = try scalar(inner, grid)
            return isMinus ? column.map { -$0 } : column
        case .binary(let node):
            let left = try scalar(node.left, grid)
            let right = try scalar(node.right, grid)
            defer { context.release(samples: grid.count) }
            return zip(left, right).map { ScalarMath.compute(node.operation, $0, $1) }
        case .call(let node): return try scalarCall(node, grid)
        default: throw QueryError(.internal, "expression of type \(expression.type.rawValue) where a scalar must be")
        }
    }

    private func scalarCall(_ node: Expression.Call, _ grid: StepGrid) throws(QueryError) -> [Double] {
        try context.hold(samples: grid.count)
        switch node.function.name {
        case "time": return (0..<grid.count).map { Double(grid.time($0)) / 1000 }
        case "pi": return [Double](repeating: .pi, count: grid.count)
        case "step": return [Double](repeating: stepSeconds, count: grid.count)
        case "range": return [Double](repeating: rangeSeconds, count: grid.count)
        case "start": return [Double](repeating: Double(outer.start) / 1000, count: grid.count)
        case "end": return [Double](repeating: Double(outer.end) / 1000, count: grid.count)
        case "max_of", "min_of":
            let left = try scalar(node.arguments[0], grid)
            let right = try scalar(node.arguments[1], grid)
            defer { context.release(samples: 2 * grid.count) }
            let isMax = node.function.name == "max_of"
            return zip(left, right).map { isMax ? GoMath.max($0, $1) : GoMath.min($0, $1) }
        case "scalar":
            var result = [Double](repeating: Missing.value, count: grid.count)
            var seen = [Bool](repeating: false, count: grid.count)
            try stream(node.arguments[0], grid) { _, _, column throws(QueryError) in
                let column = column.values
                for step in column.indices where !Missing.isMissing(column[step]) {
                    result[step] = seen[step] ? .nan : column[step]
                    seen[step] = true
                }
            }
            return result.map { Missing.isMissing($0) ? .nan : $0 }
        default:
            throw QueryError(.internal, "function \(GoQuote.quote(node.function.name)) is not known here")
        }
    }

    /// The bytes of an argument of type string.
    func string(_ expression: Expression) throws(QueryError) -> [UInt8] {
        guard case .string(let literal) = expression.unwrapped else {
            throw QueryError(.internal, "expression of type \(expression.type.rawValue) where a string must be")
        }
        return literal.bytes
    }

    /// A column as samples, without the steps at which there is nothing.
    static func present(_ column: StepColumn, _ grid: StepGrid, into samples: inout SeriesSamples) {
        column.values.withUnsafeBufferPointer { samples.floats.append(present: $0, at: grid) }
        for (step, histogram) in column.histograms.enumerated() {
            if let histogram { samples.histograms.append(grid.time(step), histogram) }
        }
    }
}
