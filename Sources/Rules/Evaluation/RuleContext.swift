package import Logging
import MartletCore
import PromQL
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

        /// Prometheus' defaults.
        package init() {}
    }

    package let evaluator: any RuleEvaluator
    /// Where alerts from before a restart are taken from.
    package let history: any AlertHistory
    package let sink: any RuleSink
    package let logger: Logger
    /// Where evaluations run; nil for the caller's own thread.
    package let threads: BlockingPool?
    package var settings = Settings()
    package var externalURL = ExternalURL("")
    package var externalLabels: [(key: String, value: String)] = []
    /// Gets the alerts that Alertmanagers must be told of.
    package var notify: @Sendable ([AlertNotification]) -> Void = { _ in }
    /// What stands behind the external URL in an alert's link to its expression; Prometheus' own page unless set.
    package var link: @Sendable (_ expression: String) -> String = { PrometheusFunctions.tableLink($0) }

    /// Rules of an evaluator that write to a sink.
    package init(
        evaluator: any RuleEvaluator, history: any AlertHistory, sink: any RuleSink, threads: BlockingPool?,
        logger: Logger
    ) {
        self.evaluator = evaluator
        self.history = history
        self.sink = sink
        self.threads = threads
        self.logger = logger
    }

    /// The functions of alerts' templates at a moment.
    func functions(atMs timeMs: Int64) -> TemplateFunctions {
        PrometheusFunctions.functions(
            PrometheusFunctions.Context(timeMs: timeMs, externalURL: externalURL) { text in
                let expression = try evaluator.language.parse(text)
                return try evaluator.samples(of: expression, atMs: timeMs).map { sample in
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
