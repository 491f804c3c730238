package import Logging
package import MartletCore
package import PromQL
import SampleMath
package import Service
package import Templates

/// What rules work with.
package struct RuleContext: Sendable {
    /// How alerts are restored and sent.
    package struct Settings: Sendable {
        /// Alerts that were active longer ago than this are not restored after a restart.
        package var outageToleranceMs: Int64 = 3_600_000
        /// Restored alerts wait at least this long before they fire, unless their rule waits less.
        package var gracePeriodMs: Int64 = 600_000
        /// Alertmanagers are told of an alert again after this.
        package var resendDelayMs: Int64 = 60_000
        /// How far back queries look where groups say nothing.
        package var queryOffsetMs: Int64 = 0
        /// Samples that one query may hold, and how long it may take.
        package var maxSamples = 50_000_000
        package var timeoutSeconds = 120.0

        /// Prometheus' defaults.
        package init() {}
    }

    package let engine: Engine
    package let source: any MetricSource
    package let sink: any RuleSink
    package let logger: Logger
    /// Where evaluations run; nil for the caller's own thread.
    package let threads: BlockingPool?
    package var settings = Settings()
    /// What queries take their memory from.
    package var memory: MemoryBudget?
    package var externalURL = ExternalURL("")
    package var externalLabels: [(key: String, value: String)] = []
    /// Gets the alerts that Alertmanagers must be told of.
    package var notify: @Sendable ([AlertNotification]) -> Void = { _ in }
    let running = RunningQueries()

    /// Rules over a source that write to a sink.
    package init(
        engine: Engine, source: any MetricSource, sink: any RuleSink, threads: BlockingPool?, logger: Logger
    ) {
        self.engine = engine
        self.source = source
        self.sink = sink
        self.threads = threads
        self.logger = logger
    }

    /// The samples of an expression at a moment; a scalar is one sample without labels.
    func query(_ expression: Expression, atMs timeMs: Int64) throws(RuleError) -> [QueryResult.Sample] {
        do throws(QueryError) {
            let result = try running.run(queryContext) { context throws(QueryError) in
                try engine.instant(expression, at: timeMs, source: source, context: context)
            }
            switch result.value {
            case .vector(let samples): return samples
            case .scalar(let value): return [QueryResult.Sample(labels: Labels(), value: value)]
            default: throw QueryError(.execution, "rule result is not a vector or scalar")
            }
        } catch {
            throw RuleError(error)
        }
    }

    /// What one query is held to.
    var queryContext: QueryContext {
        QueryContext(maxSamples: settings.maxSamples, timeoutSeconds: settings.timeoutSeconds, memory: memory)
    }

    /// The functions of alerts' templates at a moment.
    func functions(atMs timeMs: Int64) -> TemplateFunctions {
        PrometheusFunctions.functions(
            PrometheusFunctions.Context(timeMs: timeMs, externalURL: externalURL) { text in
                let expression = try Parser.parse(text, options: engine.options.parserOptions)
                return try query(expression, atMs: timeMs).map { sample in
                    TemplateSample(
                        labels: sample.labels.pairs.map { (key: $0.name, value: $0.value) },
                        value: Self.templateValue(sample))
                }
            })
    }

    static func templateValue(_ sample: QueryResult.Sample) -> TemplateValue {
        sample.histogram.map { .string("\($0)") } ?? .float(sample.value)
    }
}
