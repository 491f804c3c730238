package import MartletCore

/// Says which alerts silence another one.
package struct Inhibitor: Sendable {
    private let rules: [InhibitRule]
    /// Per rule, the sources' identities by their values of the `equal` labels.
    private var sources: [[[String]: Set<Fingerprint>]]

    /// Without sources yet.
    package init(rules: [InhibitRule]) {
        self.rules = rules
        sources = Array(repeating: [:], count: rules.count)
    }

    /// Takes note of an alert that may be a source.
    package mutating func put(_ alert: Alert) {
        for (index, rule) in rules.enumerated() where rule.source.allSatisfy({ $0.matches(alert.labels) }) {
            sources[index][Inhibitor.values(rule, alert.labels), default: []].insert(alert.fingerprint)
        }
    }

    /// Forgets an alert that the store has dropped.
    package mutating func remove(_ fingerprints: [Fingerprint]) {
        guard !fingerprints.isEmpty else { return }
        let gone = Set(fingerprints)
        for index in sources.indices {
            sources[index] = sources[index].mapValues { $0.subtracting(gone) }.filter { !$0.value.isEmpty }
        }
    }

    /// The firing alerts that silence one with these labels; empty when none does. An alert that matches both sides of a
    /// rule cannot be silenced by one that does so too.
    package func inhibitors(of labels: Labels, store: AlertStore, now: Int64) -> [Fingerprint] {
        let own = Fingerprint(labels)
        for (index, rule) in rules.enumerated() where rule.target.allSatisfy({ $0.matches(labels) }) {
            let isSourceToo = rule.source.allSatisfy { $0.matches(labels) }
            for fingerprint in sources[index][Inhibitor.values(rule, labels)] ?? [] where fingerprint != own {
                guard let source = store[fingerprint], !source.isResolved(at: now) else { continue }
                if isSourceToo, rule.target.allSatisfy({ $0.matches(source.labels) }) { continue }
                return [fingerprint]
            }
        }
        return []
    }

    private static func values(_ rule: InhibitRule, _ labels: Labels) -> [String] {
        rule.equal.map { labels[$0] ?? "" }
    }
}
