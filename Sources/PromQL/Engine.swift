import MartletCore
import SampleMath

/// Evaluates PromQL over a source of series.
///
/// A query runs on the calling thread until it is done, cancelled or out of time; it may block on the source.
package struct Engine: Sendable {
    package struct Options: Sendable {
        /// How far an instant selector looks back, in milliseconds.
        package var lookback: Int64 = 300_000
        /// The step of subqueries that name none, in milliseconds: the global evaluation interval at the start.
        package var subqueryStep: Int64 = 60_000
        /// Functions and aggregations that Prometheus hides behind `promql-experimental-functions`.
        package var experimentalFunctions = false
        /// Names go at the end of the query instead of in each function (`promql-delayed-name-removal`).
        package var delayedNameRemoval = false
        /// `fill`, `fill_left` and `fill_right` (`promql-binop-fill-modifiers`).
        package var fillModifiers = false
        /// `anchored` and `smoothed` (`promql-extended-range-selectors`).
        package var extendedRangeSelectors = false
        /// Types and units of metrics are labels (`type-and-unit-labels`).
        package var typeAndUnitLabels = false
        /// Start timestamps tell counter resets (`use-start-timestamps`).
        package var startTimestamps = false

        package init() {}

        /// Takes Prometheus' names of feature flags; those that do not concern queries are passed by.
        package init(features: some Sequence<String>) {
            let features = Set(features)
            experimentalFunctions = features.contains("promql-experimental-functions")
            delayedNameRemoval = features.contains("promql-delayed-name-removal")
            fillModifiers = features.contains("promql-binop-fill-modifiers")
            extendedRangeSelectors = features.contains("promql-extended-range-selectors")
            typeAndUnitLabels = features.contains("type-and-unit-labels")
            startTimestamps = features.contains("use-start-timestamps")
        }

        /// What of the language is there under these options.
        package var parserOptions: Parser.Options {
            Parser.Options(
                experimentalFunctions: experimentalFunctions, fillModifiers: fillModifiers,
                extendedRangeSelectors: extendedRangeSelectors)
        }
    }

    /// Times must be smaller than this in milliseconds, so that no sum of times and durations overflows.
    static let timeBound = 4e18

    package private(set) var options: Options

    /// The step of subqueries that name none, which a reload may change, for all copies of the engine.
    private let subqueryStep: Lock<Int64>

    package init(options: Options = Options()) {
        self.options = options
        subqueryStep = Lock(options.subqueryStep)
    }

    /// The same engine with instant selectors that look further or less far back, in milliseconds.
    package func looking(back lookback: Int64) -> Engine {
        var engine = self
        engine.options.lookback = lookback
        return engine
    }

    /// Changes the step of subqueries that name none, in milliseconds, for queries that begin from now on.
    package func setSubqueryStep(_ step: Int64) { subqueryStep.withLock { $0 = step } }

    /// Evaluates at one moment (milliseconds).
    package func instant(
        _ query: String, at time: Int64, source: any MetricSource, context: QueryContext
    ) throws(QueryError) -> QueryResult {
        let expression = try parse(query)
        return try run(expression, query, StepGrid(instant: time), isRange: false, source, context)
    }

    /// Evaluates a parsed expression at one moment (milliseconds).
    package func instant(
        _ expression: Expression, at time: Int64, source: any MetricSource, context: QueryContext
    ) throws(QueryError) -> QueryResult {
        try run(expression, expression.description, StepGrid(instant: time), isRange: false, source, context)
    }

    /// Evaluates at every step from `start` to `end`, inclusive (milliseconds).
    package func range(
        _ query: String, start: Int64, end: Int64, step: Int64, source: any MetricSource, context: QueryContext
    ) throws(QueryError) -> QueryResult {
        let expression = try parse(query)
        guard expression.type == .scalar || expression.type == .vector else {
            throw QueryError(
                .badData,
                "invalid parameter \"query\": invalid expression type \(GoQuote.quote(expression.type.documented)) for range query, "
                    + "must be Scalar or instant Vector")
        }
        guard step > 0 else {
            throw QueryError(
                .badData, "zero or negative query resolution step widths are not accepted. Try a positive integer")
        }
        guard end >= start else { throw QueryError(.badData, "end timestamp must not be before start time") }
        guard Double(start).magnitude < Engine.timeBound, Double(end).magnitude < Engine.timeBound else {
            throw QueryError(.badData, "time out of range")
        }
        return try run(
            expression, query, StepGrid(start: start, end: end, step: step), isRange: true, source, context)
    }

    /// Parses under this engine's options.
    package func parse(_ query: String) throws(QueryError) -> Expression {
        do throws(ParseError) {
            return try Parser.parse(query, options: options.parserOptions)
        } catch {
            throw QueryError(.badData, "invalid parameter \"query\": \(error.description)")
        }
    }

    private func run(
        _ expression: Expression, _ query: String, _ grid: StepGrid, isRange: Bool, _ source: any MetricSource,
        _ context: QueryContext
    ) throws(QueryError) -> QueryResult {
        guard Double(grid.start).magnitude < Engine.timeBound, Double(grid.end).magnitude < Engine.timeBound else {
            throw QueryError(.badData, "time out of range")
        }
        guard grid.count <= context.maxSamples else {
            throw QueryError(
                .execution, "query processing would load too many samples into memory in query execution")
        }
        context.statistics?.begin(steps: grid.count)
        var options = options
        options.subqueryStep = subqueryStep.withLock { $0 }
        let evaluator = Evaluator(
            options: options, grid: grid, isRange: isRange, query: Array(query.utf8), source: source, context: context)
        let value: QueryResult.Value
        switch expression.type {
        case .string:
            guard case .string(let literal) = expression.unwrapped else {
                throw QueryError(.internal, "string expression without a literal")
            }
            value = .string(literal.text)
        case .scalar:
            let column = try evaluator.scalar(expression, grid)
            value = isRange ? .matrix(Engine.series(column, grid)) : .scalar(column[0])
        case .matrix: value = .matrix(try evaluator.rawSamples(expression, grid))
        case .vector, .none:
            var vector = try evaluator.vector(expression, grid)
            if options.delayedNameRemoval {
                vector.removeDroppedNames()
                try vector.mergeDuplicates(context)
            }
            try context.hold(bytes: vector.count * ((isRange ? 16 : 0) * grid.count + StepVector.rowBytes))
            value = isRange ? .matrix(Engine.matrix(vector, grid)) : .vector(Engine.samples(vector))
        }
        return QueryResult(
            value: value, time: grid.start, warnings: evaluator.annotations.warnings + context.warnings,
            infos: evaluator.annotations.infos, peakSamples: context.peakSamples)
    }

    private static func series(_ column: [Double], _ grid: StepGrid) -> [QueryResult.Series] {
        var samples = SampleColumns()
        for step in 0..<grid.count { samples.append(grid.time(step), column[step]) }
        return samples.isEmpty ? [] : [QueryResult.Series(labels: Labels(), samples: samples)]
    }

    private static func samples(_ vector: StepVector) -> [QueryResult.Sample] {
        var samples: [QueryResult.Sample] = []
        samples.reserveCapacity(vector.count)
        for row in 0..<vector.count {
            if let histogram = vector.histogram(row, 0) {
                samples.append(QueryResult.Sample(labels: vector.labels[row], histogram: histogram))
            } else if !Missing.isMissing(vector.value(row, 0)) {
                samples.append(QueryResult.Sample(labels: vector.labels[row], value: vector.value(row, 0)))
            }
        }
        return samples
    }

    private static func matrix(_ vector: StepVector, _ grid: StepGrid) -> [QueryResult.Series] {
        var result: [QueryResult.Series] = []
        for row in 0..<vector.count {
            var samples = SeriesSamples()
            Evaluator.present(vector.column(row), grid, into: &samples)
            if samples.isEmpty { continue }
            result.append(
                QueryResult.Series(
                    labels: vector.labels[row], samples: samples.floats, histograms: samples.histograms))
        }
        return result.sorted { $0.labels < $1.labels }
    }
}
