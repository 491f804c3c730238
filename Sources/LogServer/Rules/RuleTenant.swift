import LogQL
import LogRules
import MartletCore
import Rules
import Service
import Templates

/// What the rules of one tenant work with.
struct RuleTenant: Sendable {
    let alerts: AlertStateFile
    let notifier: AlertNotifier
    let context: RuleContext

    /// Rules over the lines of a tenant. `notifier` gets its alerts.
    init(_ name: String, _ sink: LogRuleSink, _ notifier: AlertNotifier, _ environment: Ruler.Environment) {
        let config = environment.config.ruler
        var limits = LogEngine.Limits()
        limits.maxSeries = environment.config.limits.maxQuerySeries
        let evaluator = LogQLEvaluator(limits: limits) { [sources = environment.sources] in
            sources.source(name)
        } context: { [sources = environment.sources, timeout = environment.config.limits.queryTimeout] in
            sources.context(timeoutSeconds: timeout)
        }
        var context = RuleContext(
            evaluator: evaluator, history: sink.alerts, sink: sink, threads: environment.threads,
            logger: environment.logger)
        context.settings = config.settings
        context.externalURL = ExternalURL(config.externalURL)
        context.externalLabels = config.externalLabels
        context.notify = { notifier.send($0) }
        context.link = { [uid = config.datasourceUID] in Self.link($0, uid) }
        alerts = sink.alerts
        self.notifier = notifier
        self.context = context
    }

    /// Where Grafana shows an expression, relative to its address.
    static func link(_ expression: String, _ datasourceUID: String) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.key("queries")
        json.beginArray()
        json.beginObject()
        json.key("expr")
        json.string(expression)
        json.key("queryType")
        json.string("range")
        if !datasourceUID.isEmpty {
            json.key("datasource")
            json.beginObject()
            json.key("type")
            json.string("loki")
            json.key("uid")
            json.string(datasourceUID)
            json.endObject()
        }
        json.endObject()
        json.endArray()
        json.endObject()
        return "/explore?left=" + Escaping.urlQuery(String(decoding: json.bytes, as: UTF8.self))
    }
}
