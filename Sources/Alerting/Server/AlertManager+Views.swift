package import MartletCore

/// What is known of alerts, groups and silences at one moment.
extension AlertManager {
    /// What is known of an alert at one moment.
    package struct AlertView: Sendable {
        /// Its identity.
        package let fingerprint: Fingerprint
        /// The alert.
        package let alert: Alert
        /// Names of the receivers its routes lead to.
        package let receivers: [String]
        /// Ids of silences that cover it.
        package let silencedBy: [String]
        /// Fingerprints of alerts that inhibit it.
        package let inhibitedBy: [Fingerprint]
        /// Names of time intervals that hold its notifications back.
        package let mutedBy: [String]

        /// True when nothing is sent for it now.
        package var isSuppressed: Bool { !silencedBy.isEmpty || !inhibitedBy.isEmpty }
    }

    /// All alerts that hold now.
    package func alerts() -> [AlertView] {
        let now = now()
        return state.withLock { state in
            state.store.all.filter { !$0.alert.isResolved(at: now) }.map { entry in
                AlertManager.view(entry.fingerprint, entry.alert, state, now: now)
            }
        }
    }

    /// All groups with their alerts that hold now, by labels and receiver.
    package func groups() -> [(labels: Labels, receiver: String, alerts: [AlertView])] {
        let now = now()
        return state.withLock { state in
            state.dispatcher.all.compactMap { group in
                let route = state.config.routes.nodes[group.route]
                let alerts = group.alerts.filter { !$0.value.isResolved(at: now) }
                    .sorted { $0.value.isOrdered(before: $1.value) }
                    .map { AlertManager.view($0.key, $0.value, state, now: now) }
                if alerts.isEmpty { return nil }
                return (labels: group.labels, receiver: route.receiver, alerts: alerts)
            }.sorted { ($0.labels, $0.receiver) < ($1.labels, $1.receiver) }
        }
    }

    private static func view(_ fingerprint: Fingerprint, _ alert: Alert, _ state: State, now: Int64) -> AlertView {
        let routes = state.config.routes.routes(for: alert.labels)
        var receivers: [String] = []
        var muted: Set<String> = []
        for route in routes {
            if !receivers.contains(route.receiver) { receivers.append(route.receiver) }
            muted.formUnion(mutingIntervals(route, state.config, now: now))
        }
        return AlertView(
            fingerprint: fingerprint, alert: alert, receivers: receivers,
            silencedBy: state.silences.covering(alert.labels, now: now),
            inhibitedBy: state.inhibitor.inhibitors(of: alert.labels, store: state.store, now: now),
            mutedBy: muted.sorted())
    }

    /// The intervals that hold back a route's notifications: mute intervals that cover `now`, or the active ones when
    /// none of them does.
    static func mutingIntervals(_ route: Route, _ config: AlertmanagerConfig, now: Int64) -> [String] {
        func covers(_ name: String) -> Bool {
            config.timeIntervals[name]?.contains { $0.contains(now / 1_000_000_000) } ?? false
        }
        let muting = route.muteTimeIntervals.filter(covers)
        if !muting.isEmpty { return muting }
        if !route.activeTimeIntervals.isEmpty, !route.activeTimeIntervals.contains(where: covers) {
            return route.activeTimeIntervals
        }
        return []
    }

    /// Numbers for this server's own metrics.
    package struct Counts: Sendable {
        /// Alerts that hold and are sent.
        package var active = 0
        /// Alerts that are silenced or inhibited.
        package var suppressed = 0
        /// Groups of alerts.
        package var groups = 0
        /// Silences by state.
        package var silences: [Silence.State: Int] = [:]
        /// Groups that were due and are done with, since the start.
        package var flushes = 0
        /// Notifications in the log: what receivers were told as a restart knows it.
        package var notifications = 0
    }

    /// What there is now.
    package func counts() -> Counts {
        let now = now()
        var counts = Counts()
        for alert in alerts() {
            if alert.isSuppressed { counts.suppressed += 1 } else { counts.active += 1 }
        }
        state.withLock { state in
            counts.groups = state.dispatcher.all.count
            counts.flushes = state.flushes
            for silence in state.silences.all(now: now) { counts.silences[silence.state(at: now), default: 0] += 1 }
        }
        counts.notifications = notificationLog.count
        return counts
    }
}
