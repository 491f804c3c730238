import Logging
import MartletCore
import PromQL
import SampleMath

/// Takes up alerts from before a restart from the series that tell of them.
///
/// Times for which an alert was pending come from `ALERTS_FOR_STATE`, under Prometheus' rules. An alert that only fired on
/// because of `keep_firing_for` comes from `ALERTS`; since when, the expression's own past tells.
extension RuleGroup {
    /// Restores the alerts of all rules; `nowMs` is milliseconds since 1970. May block.
    package func restoreAlerts(nowMs: Int64) {
        let began = ContinuousClock.now
        for rule in rules where rule.definition.kind == .alerting {
            var alerts: [ActiveAlert] = []
            do throws(RuleError) {
                alerts += try pending(rule, nowMs)
                alerts += try keptFiring(rule, nowMs)
            } catch {
                // It cannot be tried again: the alert begins anew.
                context.logger.error(
                    "alerts cannot be restored", metadata: ["rule": "\(rule.definition.name)", "error": "\(error)"])
            }
            rule.restore(alerts)
        }
        noteRestored(seconds: (ContinuousClock.now - began).seconds)
    }

    // MARK: for

    /// Active alerts of a rule with the times since when they were active before.
    private func pending(_ rule: Rule, _ nowMs: Int64) throws(RuleError) -> [ActiveAlert] {
        let hold = rule.definition.holdMs
        guard hold >= context.settings.gracePeriodMs else { return [] }
        let known = rule.alerts.values.filter { $0.state != .inactive }
        guard !known.isEmpty else { return [] }
        let last = try lastSamples(AlertSeries.activeSince, rule, nowMs)
        return known.compactMap { alert in
            guard let sample = last[alert.labels], let startMs = Self.milliseconds(sample.value) else { return nil }
            var alert = alert
            alert.activeAtMs = restoredStart(
                startMs, downAtMs: sample.timeMs / 1000 * 1000, holdMs: hold, nowMs)
            return alert
        }
    }

    /// When an alert counts as active since: time while the server was down is no pending time, and at least the grace
    /// period remains.
    private func restoredStart(_ startMs: Int64, downAtMs: Int64, holdMs: Int64, _ nowMs: Int64) -> Int64 {
        let remaining = holdMs - (downAtMs - startMs)
        if remaining <= 0 { return startMs }
        let grace = context.settings.gracePeriodMs
        return remaining < grace ? nowMs + grace - holdMs : startMs + (nowMs - downAtMs)
    }

    // MARK: keep_firing_for

    /// Alerts that fired before the restart although their expression did not hold any more, and are to do so still.
    private func keptFiring(_ rule: Rule, _ nowMs: Int64) throws(RuleError) -> [ActiveAlert] {
        let keep = rule.definition.keepFiringMs
        guard keep > 0 else { return [] }
        var firing: [Labels: (timeMs: Int64, value: Double)] = [:]
        for (labels, sample) in try lastSamples(AlertSeries.state, rule, nowMs) {
            guard labels[AlertSeries.stateLabel] == ActiveAlert.State.firing.rawValue else { continue }
            var builder = LabelsBuilder(labels)
            builder.remove(AlertSeries.stateLabel)
            firing[builder.build()] = sample
        }
        for labels in rule.alerts.keys { firing[labels] = nil }
        guard let end = firing.values.map(\.timeMs).max() else { return [] }
        let since = try lastSamples(AlertSeries.activeSince, rule, nowMs)
        let step = max(intervalMs, keep / 1000)
        let past = try context.evaluator.series(
            of: rule.definition.expression, fromMs: end - keep, toMs: end, stepMs: step)
        var alerts: [ActiveAlert] = []
        for held in past {
            guard let timeMs = held.samples.timestamps.last, let value = held.samples.values.last else { continue }
            let sample = QueryResult.Sample(labels: held.labels, value: value)
            guard var alert = (try? rule.alerts([sample], context, timeMs))?.first, firing[alert.labels] != nil,
                nowMs - (timeMs + step) < keep
            else { continue }
            alert.state = .firing
            alert.activeAtMs = since[alert.labels].flatMap { Self.milliseconds($0.value) } ?? timeMs
            alert.firedAtMs = alert.activeAtMs + rule.definition.holdMs
            alert.keepFiringSinceMs = timeMs + step
            alerts.append(alert)
        }
        return alerts
    }

    // MARK: Series

    /// The time that a sample of `ALERTS_FOR_STATE` tells in seconds; nil for a value that is no time of this epoch, as
    /// anybody may write into the series.
    private static func milliseconds(_ value: Double) -> Int64? {
        value >= 0 && value < 9_223_372_036 ? Int64(value) * 1000 : nil
    }

    /// The last sample of each of a rule's series of a name, by its other labels; those that have ended are left out.
    private func lastSamples(
        _ name: String, _ rule: Rule, _ nowMs: Int64
    ) throws(RuleError) -> [Labels: (timeMs: Int64, value: Double)] {
        var matchers = [
            Matcher(equal: Labels.metricName, name), Matcher(equal: AlertSeries.nameLabel, rule.definition.name),
        ]
        // Templates have other values for each alert.
        for (label, value) in rule.definition.labels where !value.isEmpty && !value.contains("{{") {
            matchers.append(Matcher(equal: label, value))
        }
        let found = try context.history.lastSamples(
            matching: matchers, fromMs: nowMs - context.settings.outageToleranceMs, toMs: nowMs)
        return Dictionary(
            found.map { labels, sample in
                var builder = LabelsBuilder(labels)
                builder.remove(Labels.metricName)
                return (builder.build(), sample)
            }, uniquingKeysWith: { $1 })
    }
}
