import Logging
import MartletCore
import PromQL
import SampleMath
import Templates

/// A rule of a group with its state.
package final class Rule: Sendable {
    private struct State {
        var status = RuleStatus()
        var notices = FailureNotices()
        var alerts = AlertStates()
        /// Series that the last evaluation wrote.
        var written: Set<Labels> = []
        /// False until alerts from before a restart are restored: their series must not be overwritten before.
        var isRestored = true
    }

    package let definition: RuleDefinition
    private let labelTemplates: [(name: String, template: AlertTemplate)]
    private let annotationTemplates: [(name: String, template: AlertTemplate)]
    private let state: Lock<State>

    /// A rule that has not been evaluated. `restores` when alerts from before a restart are to come first.
    init(_ definition: RuleDefinition, restores: Bool) {
        self.definition = definition
        let isAlert = definition.kind == .alerting
        labelTemplates = isAlert ? Self.templates(definition.labels, definition.name) : []
        annotationTemplates = isAlert ? Self.templates(definition.annotations, definition.name) : []
        var state = State()
        state.isRestored = !restores
        self.state = Lock(state)
    }

    private static func templates(
        _ texts: [String: String], _ alert: String
    ) -> [(name: String, template: AlertTemplate)] {
        // Whoever made the definition has parsed them; nothing is lost here.
        texts.sorted { $0.key < $1.key }.compactMap { name, text in
            (try? AlertTemplate(alert: alert, text: text)).map { (name, $0) }
        }
    }

    // MARK: Reading

    /// How the last evaluation went.
    package var status: RuleStatus { state.withLock { $0.status } }

    /// Alerts that are pending or firing, by labels.
    package var activeAlerts: [ActiveAlert] {
        state.withLock { $0.alerts.active }.sorted { $0.labels < $1.labels }
    }

    /// The highest state of its alerts.
    package var alertState: ActiveAlert.State { state.withLock { $0.alerts.state } }

    /// All alerts, resolved ones included.
    var alerts: [Labels: ActiveAlert] { state.withLock { $0.alerts.alerts } }

    /// Series that the last evaluation wrote.
    var written: Set<Labels> { state.withLock { $0.written } }

    // MARK: Changing

    /// Goes on where an older version of the rule was.
    func adopt(_ other: Rule) {
        let older = other.state.withLock { $0 }
        state.withLock { state in
            state.written = older.written
            state.status = older.status
            state.notices = older.notices
            if definition.kind == .alerting { state.alerts = older.alerts }
        }
    }

    /// Takes alerts from before a restart; from now on their series are written.
    func restore(_ alerts: [ActiveAlert]) {
        state.withLock { state in
            for alert in alerts { state.alerts.restore(alert) }
            state.isRestored = true
        }
    }

    func note(_ status: RuleStatus) { state.withLock { $0.status = status } }

    /// What the log is to be told of an evaluation that gave `error`, nil when it went well.
    func notice(_ error: String?) -> FailureNotices.Notice? { state.withLock { $0.notices.note(error, at: .now) } }

    /// Remembers what was written; the series that were written before and are no more.
    func replaceWritten(_ series: Set<Labels>) -> Set<Labels> {
        state.withLock { state in
            let gone = state.written.subtracting(series)
            state.written = series
            return gone
        }
    }

    // MARK: Evaluating

    /// The samples of an evaluation at `timeMs`, whose queries look `offsetMs` further back. May block.
    func evaluate(
        _ context: RuleContext, atMs timeMs: Int64, offsetMs: Int64, limit: Int
    ) throws(RuleError) -> [RuleSample] {
        let found = try context.evaluator.samples(of: definition.expression, atMs: timeMs - offsetMs)
        switch definition.kind {
        case .recording: return try record(found, limit, timeMs - offsetMs)
        case .alerting:
            let alerts = try alerts(found, context, timeMs)
            return try state.withLock { (state: inout State) throws(RuleError) in
                let active = try state.alerts.update(alerts, definition, limit: limit, atMs: timeMs)
                guard state.isRestored else { return [] }
                return active.flatMap { AlertSeries.samples($0, definition, timeMs: timeMs - offsetMs) }
            }
        }
    }

    /// Alerts to be sent after an evaluation.
    func takeDue(_ context: RuleContext, atMs timeMs: Int64, intervalMs: Int64) -> [ActiveAlert] {
        state.withLock {
            $0.alerts.takeDue(
                atMs: timeMs, resendDelayMs: context.settings.resendDelayMs, intervalMs: intervalMs)
        }
    }

    private func record(
        _ found: [QueryResult.Sample], _ limit: Int, _ timeMs: Int64
    ) throws(RuleError) -> [RuleSample] {
        var seen: Set<Labels> = []
        var samples: [RuleSample] = []
        samples.reserveCapacity(found.count)
        for sample in found {
            var builder = LabelsBuilder(sample.labels)
            builder.set(Labels.metricName, definition.name)
            for (name, value) in definition.labels { builder.set(name, value) }
            var made = RuleSample(labels: builder.build(), timeMs: timeMs, value: sample.value)
            made.histogram = sample.histogram
            guard seen.insert(made.labels).inserted else {
                throw RuleError("vector contains metrics with the same labelset after applying rule labels")
            }
            samples.append(made)
        }
        guard limit == 0 || samples.count <= limit else {
            throw RuleError("exceeded limit of \(limit) with \(samples.count) series")
        }
        return samples
    }

    /// Alerts as an evaluation finds them, all pending.
    func alerts(
        _ found: [QueryResult.Sample], _ context: RuleContext, _ timeMs: Int64
    ) throws(RuleError) -> [ActiveAlert] {
        guard !found.isEmpty else { return [] }
        let functions = context.functions(atMs: timeMs)
        let external = TemplateMap(context.externalLabels)
        var seen: Set<Labels> = []
        var alerts: [ActiveAlert] = []
        for sample in found {
            let data = AlertTemplate.Data(
                labels: sample.labels.pairs.map { (key: $0.name, value: $0.value) },
                value: RuleContext.templateValue(sample), externalLabels: external, externalURL: context.externalURL)
            var labels = LabelsBuilder(sample.labels)
            labels.remove(Labels.metricName)
            for (name, template) in labelTemplates { labels.set(name, expand(template, data, functions, context)) }
            labels.set(AlertSeries.nameLabel, definition.name)
            let annotations = annotationTemplates.map { ($0.name, expand($0.template, data, functions, context)) }
            let alert = ActiveAlert(
                labels: labels.build(), annotations: Labels(annotations), value: sample.value, activeAtMs: timeMs)
            guard seen.insert(alert.labels).inserted else {
                throw RuleError("vector contains metrics with the same labelset after applying alert labels")
            }
            alerts.append(alert)
        }
        return alerts
    }

    private func expand(
        _ template: AlertTemplate, _ data: AlertTemplate.Data, _ functions: TemplateFunctions, _ context: RuleContext
    ) -> String {
        let (text, error) = template.expand(data, functions)
        if let error {
            context.logger.warning(
                "an alert's template cannot be expanded",
                metadata: ["alert": "\(definition.name)", "error": "\(error)"])
        }
        return text
    }
}
