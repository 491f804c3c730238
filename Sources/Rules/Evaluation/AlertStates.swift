import MartletCore

/// The alerts of one rule and how they go from pending to firing to resolved, as Prometheus has it.
struct AlertStates: Sendable {
    /// How long a resolved alert is kept, so that receivers that were away still learn of it.
    private static let resolvedRetentionMs: Int64 = 15 * 60_000

    /// By their labels.
    private(set) var alerts: [Labels: ActiveAlert] = [:]

    /// Those that are pending or firing.
    var active: [ActiveAlert] { alerts.values.filter { $0.resolvedAtMs == nil } }

    /// The highest state of all.
    var state: ActiveAlert.State { alerts.values.map(\.state).max() ?? .inactive }

    /// Goes on to an evaluation at `timeMs` that found these; the alerts that are active then, by labels. More than
    /// `limit` (0: none) is an error that forgets all.
    mutating func update(
        _ found: [ActiveAlert], _ rule: RuleDefinition, limit: Int, atMs timeMs: Int64
    ) throws(RuleError) -> [ActiveAlert] {
        var isFound: Set<Labels> = []
        for alert in found {
            isFound.insert(alert.labels)
            if var known = alerts[alert.labels], known.state != .inactive {
                known.value = alert.value
                known.annotations = alert.annotations
                alerts[alert.labels] = known
            } else {
                alerts[alert.labels] = alert
            }
        }
        var active: [ActiveAlert] = []
        for labels in alerts.keys {
            guard var alert = alerts[labels] else { continue }
            if isFound.contains(labels) {
                alert.keepFiringSinceMs = nil
            } else if !keepsFiring(&alert, rule, timeMs) {
                alerts[labels] = resolved(alert, timeMs)
                continue
            }
            advance(&alert, rule, timeMs)
            alerts[labels] = alert
            active.append(alert)
        }
        if limit > 0, active.count > limit {
            alerts = [:]
            throw RuleError("exceeded limit of \(limit) with \(active.count) alerts")
        }
        return active.sorted { $0.labels < $1.labels }
    }

    /// Alerts that Alertmanagers must be told of now; they count as told.
    mutating func takeDue(atMs timeMs: Int64, resendDelayMs: Int64, intervalMs: Int64) -> [ActiveAlert] {
        var due: [ActiveAlert] = []
        for (labels, alert) in alerts where alert.needsSending(atMs: timeMs, resendDelayMs: resendDelayMs) {
            var sent = alert
            sent.lastSentMs = timeMs
            // Two evaluations or sendings may fail.
            sent.validUntilMs = timeMs + 4 * max(intervalMs, resendDelayMs)
            alerts[labels] = sent
            due.append(sent)
        }
        return due.sorted { $0.labels < $1.labels }
    }

    /// Takes an alert from before a restart: another time at which a known one became active, or one that fires on.
    mutating func restore(_ alert: ActiveAlert) { alerts[alert.labels] = alert }

    /// True while an alert fires on whose expression holds no more.
    private func keepsFiring(_ alert: inout ActiveAlert, _ rule: RuleDefinition, _ timeMs: Int64) -> Bool {
        guard alert.state == .firing, rule.keepFiringMs > 0 else { return false }
        let since = alert.keepFiringSinceMs ?? timeMs
        alert.keepFiringSinceMs = since
        return timeMs - since < rule.keepFiringMs
    }

    /// What becomes of an alert whose expression holds no more; nil when it is forgotten.
    private func resolved(_ alert: ActiveAlert, _ timeMs: Int64) -> ActiveAlert? {
        if alert.state == .pending { return nil }
        if let resolvedAt = alert.resolvedAtMs, timeMs - resolvedAt > Self.resolvedRetentionMs { return nil }
        guard alert.state != .inactive else { return alert }
        var alert = alert
        alert.state = .inactive
        alert.resolvedAtMs = timeMs
        return alert
    }

    private func advance(_ alert: inout ActiveAlert, _ rule: RuleDefinition, _ timeMs: Int64) {
        if alert.state == .pending, timeMs - alert.activeAtMs >= rule.holdMs {
            alert.state = .firing
            alert.firedAtMs = timeMs
        }
        // A reload may have made the time longer.
        if alert.state == .firing, timeMs - alert.activeAtMs < rule.holdMs {
            alert.state = .pending
            alert.firedAtMs = nil
            alert.lastSentMs = nil
            alert.keepFiringSinceMs = nil
        }
    }
}
