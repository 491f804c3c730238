package import Logging
package import MartletCore
package import PromQL
import SampleMath
package import Service

/// PromQL over a source of series, among them those that rules have written of alerts.
package struct PromQLEvaluator: RuleEvaluator, AlertHistory {
    package let engine: Engine
    package let source: any MetricSource
    /// Samples that one query may hold, and how long it may take.
    package var maxSamples = 50_000_000
    package var timeoutSeconds = 120.0
    /// What queries take their memory from.
    package var memory: MemoryBudget?
    private let running = RunningQueries()

    /// An engine over a source, with Prometheus' limits.
    package init(_ engine: Engine, _ source: any MetricSource) {
        self.engine = engine
        self.source = source
    }

    package var language: any RuleLanguage { PromQLRules(engine.options.parserOptions) }

    package func samples(of expression: RuleExpression, atMs timeMs: Int64) throws(RuleError) -> [QueryResult.Sample] {
        try run { context throws(QueryError) in
            guard let parsed = expression.parsed as? Expression else {
                throw QueryError(.internal, "the expression is not PromQL")
            }
            switch try engine.instant(parsed, at: timeMs, source: source, context: context).value {
            case .vector(let samples): return samples
            case .scalar(let value): return [QueryResult.Sample(labels: Labels(), value: value)]
            default: throw QueryError(.execution, "rule result is not a vector or scalar")
            }
        }
    }

    package func series(
        of expression: RuleExpression, fromMs startMs: Int64, toMs endMs: Int64, stepMs: Int64
    ) throws(RuleError) -> [QueryResult.Series] {
        try run { context throws(QueryError) in
            let result = try engine.range(
                expression.description, start: startMs, end: endMs, step: stepMs, source: source, context: context)
            guard case .matrix(let series) = result.value else { return [] }
            return series
        }
    }

    package func stop() { running.stop() }

    package func lastSamples(
        matching matchers: [Matcher], fromMs startMs: Int64, toMs endMs: Int64
    ) throws(RuleError) -> [Labels: (timeMs: Int64, value: Double)] {
        do throws(QueryError) {
            let selection = MetricSelection(matchers: matchers, minTime: startMs, maxTime: endMs)
            let set = try source.select(selection, context: QueryContext())
            var result: [Labels: (timeMs: Int64, value: Double)] = [:]
            var columns = SampleColumns()
            for index in 0..<set.count {
                columns.removeAll()
                try set.read(index, into: &columns)
                guard let time = columns.timestamps.last, let value = columns.values.last, !StaleNaN.isStale(value)
                else { continue }
                result[set.labels(at: index)] = (time, value)
            }
            return result
        } catch {
            throw RuleError(error)
        }
    }

    /// Runs a query within the limits.
    private func run<Result>(
        _ body: (QueryContext) throws(QueryError) -> Result
    ) throws(RuleError) -> Result {
        let context = QueryContext(maxSamples: maxSamples, timeoutSeconds: timeoutSeconds, memory: memory)
        do throws(QueryError) {
            return try running.run(cancel: { context.cancel() }) { () throws(QueryError) in try body(context) }
        } catch {
            throw RuleError(error)
        }
    }
}

extension RuleContext {
    /// Rules in PromQL over a source, which holds what they have written as well.
    package init(
        engine: Engine, source: any MetricSource, sink: any RuleSink, threads: BlockingPool?, logger: Logger
    ) {
        let evaluator = PromQLEvaluator(engine, source)
        self.init(evaluator: evaluator, history: evaluator, sink: sink, threads: threads, logger: logger)
    }
}

extension RuleError {
    /// A query that failed.
    init(_ error: QueryError) {
        self.init(error.message, isCancellation: error.kind == .canceled)
    }
}
