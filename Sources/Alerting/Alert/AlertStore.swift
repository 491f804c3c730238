/// The alerts known now, by fingerprint. Like Alertmanager's they live in memory: clients repeat them.
package struct AlertStore: Sendable {
    private var alerts: [Fingerprint: Alert] = [:]
    /// About so many bytes of memory that all of them take.
    private(set) var memory = 0

    /// Empty.
    package init() {}

    /// How many there are.
    package var count: Int { alerts.count }

    /// One of them.
    package subscript(fingerprint: Fingerprint) -> Alert? { alerts[fingerprint] }

    /// All of them, ordered by fingerprint.
    package var all: [(fingerprint: Fingerprint, alert: Alert)] {
        alerts.sorted { $0.key < $1.key }.map { (fingerprint: $0.key, alert: $0.value) }
    }

    /// Takes in what a client says and returns what is now true.
    package mutating func put(_ alert: Alert, now: Int64) -> Alert {
        let fingerprint = alert.fingerprint
        var alert = alert
        if let old = alerts[fingerprint] {
            // Only overlapping times are the same occurrence; else the old one is over and this is another.
            if (alert.endsAt > old.startsAt && alert.endsAt < old.endsAt)
                || (alert.startsAt > old.startsAt && alert.startsAt < old.endsAt)
            {
                alert = old.merged(with: alert, now: now)
            }
        }
        memory += alert.memory - (alerts[fingerprint]?.memory ?? 0)
        alerts[fingerprint] = alert
        return alert
    }

    /// Removes resolved alerts and returns their fingerprints.
    package mutating func collectGarbage(now: Int64) -> [Fingerprint] {
        let gone = alerts.filter { $0.value.isResolved(at: now) }.map(\.key)
        for fingerprint in gone { memory -= alerts.removeValue(forKey: fingerprint)?.memory ?? 0 }
        return gone
    }
}
