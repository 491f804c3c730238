package import LogQL
import MartletCore
package import PromQL
package import Rules
import SampleMath

/// LogQL over the lines of one tenant, within the limits that its queries have.
package struct LogQLEvaluator: RuleEvaluator {
    private let limits: LogEngine.Limits
    /// The tenant's lines as they are now.
    private let source: @Sendable () -> any LogSource
    /// What the next query is held to.
    private let context: @Sendable () -> LogQueryContext
    private let running = RunningQueries()

    /// An evaluator that asks anew for lines and limits with every query.
    package init(
        limits: LogEngine.Limits, source: @escaping @Sendable () -> any LogSource,
        context: @escaping @Sendable () -> LogQueryContext
    ) {
        self.limits = limits
        self.source = source
        self.context = context
    }

    package var language: any RuleLanguage { LogQLRules() }

    package func samples(of expression: RuleExpression, atMs timeMs: Int64) throws(RuleError) -> [QueryResult.Sample] {
        let matrix = try matrix(expression, timeMs, timeMs, 1)
        return zip(matrix.labels, matrix.columns).compactMap { labels, column in
            column.first.map { QueryResult.Sample(labels: labels, value: $0) }
        }
    }

    package func series(
        of expression: RuleExpression, fromMs startMs: Int64, toMs endMs: Int64, stepMs: Int64
    ) throws(RuleError) -> [QueryResult.Series] {
        let matrix = try matrix(expression, startMs, endMs, stepMs)
        return zip(matrix.labels, matrix.columns).map { labels, column in
            var samples = SampleColumns()
            for (step, value) in column.enumerated() where !SeriesMatrix.isMissing(value) {
                samples.append(startMs + Int64(step) * stepMs, value)
            }
            return QueryResult.Series(labels: labels, samples: samples)
        }
    }

    package func stop() { running.stop() }

    private func matrix(
        _ expression: RuleExpression, _ startMs: Int64, _ endMs: Int64, _ stepMs: Int64
    ) throws(RuleError) -> SeriesMatrix {
        let context = context()
        do throws(LogQueryError) {
            guard let parsed = expression.parsed as? QueryExpression else {
                throw LogQueryError(.badQuery, "the expression is not LogQL")
            }
            return try running.run(cancel: { context.cancel() }) { () throws(LogQueryError) in
                try LogEngine(source(), limits: limits).matrix(
                    parsed, start: startMs * 1_000_000, end: endMs * 1_000_000, step: stepMs * 1_000_000,
                    context: context)
            }
        } catch {
            throw RuleError(error.message, isCancellation: error.kind == .canceled)
        }
    }
}
