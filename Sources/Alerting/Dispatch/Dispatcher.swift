package import MartletCore

/// Sorts alerts into groups and says which groups are due. Pure: time comes in as an argument, and nothing is sent.
package struct Dispatcher: Sendable {
    /// The tree in use.
    package private(set) var routes: RouteTree
    private var groups: [String: AlertGroup] = [:]
    /// A group's notification has at least so long, however short its interval.
    private static let shortestAttempt: Int64 = 10_000_000_000

    /// No groups yet.
    package init(routes: RouteTree) { self.routes = routes }

    /// All groups by key.
    package var all: [AlertGroup] { groups.values.sorted { $0.key < $1.key } }

    /// Takes an alert in: a new group waits group_wait, unless its first alert has fired for longer already.
    package mutating func insert(_ alert: Alert, now: Int64) { insert(alert, now: now, isUntoldEnd: false) }

    private mutating func insert(_ alert: Alert, now: Int64, isUntoldEnd: Bool) {
        let fingerprint = alert.fingerprint
        for route in routes.routes(for: alert.labels) {
            let labels = route.groupLabels(of: alert.labels)
            let key = Dispatcher.key(route, labels)
            if var group = groups.removeValue(forKey: key) {
                group.alerts[fingerprint] = alert
                if !group.hasFlushed, alert.startsAt < now - route.groupWait {
                    group.nextFlush = min(group.nextFlush, now)
                }
                groups[key] = group
            } else {
                // An end for a group that does not exist is no news.
                if alert.isResolved(at: now), !isUntoldEnd { continue }
                let wait = alert.startsAt < now - route.groupWait ? 0 : route.groupWait
                var group = AlertGroup(route: route.index, labels: labels, key: key, nextFlush: now + wait)
                group.alerts[fingerprint] = alert
                groups[key] = group
            }
        }
    }

    /// When the next group is due, nil when none waits.
    package var nextDue: Int64? { groups.values.filter { !$0.isFlushing }.map(\.nextFlush).min() }

    /// The groups that are due. Each is busy until ``finished(_:success:)``.
    package mutating func due(now: Int64) -> [GroupFlush] {
        var flushes: [GroupFlush] = []
        let due = groups.values.filter { !$0.isFlushing && $0.nextFlush <= now }.sorted { $0.key < $1.key }
        for var group in due {
            let key = group.key
            if group.alerts.isEmpty {
                groups[key] = nil
                continue
            }
            let interval = routes.nodes[group.route].groupInterval
            group.hasFlushed = true
            group.isFlushing = true
            group.nextFlush = now + interval
            groups[key] = group
            let alerts = group.alerts.map { fingerprint, alert in
                (fingerprint: fingerprint, alert: alert, isResolved: alert.isResolved(at: now))
            }.sorted { $0.alert.isOrdered(before: $1.alert) }
            flushes.append(
                GroupFlush(
                    key: key, route: group.route, group: group, alerts: alerts, now: now,
                    deadline: now + max(interval, Dispatcher.shortestAttempt)))
        }
        return flushes
    }

    /// A notification has ended. Resolved alerts that were told leave the group unless they have changed meanwhile.
    package mutating func finished(_ flush: GroupFlush, success: Bool) {
        guard var group = groups[flush.key] else { return }
        group.isFlushing = false
        if success {
            for entry in flush.alerts where entry.isResolved && group.alerts[entry.fingerprint] == entry.alert {
                group.alerts[entry.fingerprint] = nil
            }
        }
        groups[flush.key] = group.alerts.isEmpty ? nil : group
    }

    /// Takes a new tree; every alert is sorted anew. Groups that exist under both keep their clock.
    package mutating func reload(_ routes: RouteTree, alerts: [Alert], now: Int64) {
        let before = groups
        self.routes = routes
        groups = [:]
        for alert in alerts { insert(alert, now: now) }
        // Ends not told yet must not get lost: the store may have dropped them, and a group may have nothing else.
        for old in before.values {
            for alert in old.alerts.values where alert.isResolved(at: now) {
                insert(alert, now: now, isUntoldEnd: true)
            }
        }
        for (key, old) in before {
            groups[key]?.hasFlushed = old.hasFlushed
            groups[key]?.nextFlush = old.nextFlush
            groups[key]?.isFlushing = old.isFlushing
        }
    }

    /// Identifies a group.
    package static func key(_ route: Route, _ labels: Labels) -> String {
        let pairs = labels.pairs.map { "\($0.name)=\(GoQuote.quote($0.value))" }.joined(separator: ", ")
        return "\(route.key):{\(pairs)}"
    }
}
