package import MartletCore

/// One alert as a client last told of it. Times are Unix nanoseconds.
package struct Alert: Sendable, Hashable {
    /// What it is about; its identity.
    package var labels: Labels
    /// What people should read; may be empty strings.
    package var annotations: [String: String]
    /// Since when it fires.
    package var startsAt: Int64
    /// Until when it holds: in the past when it is resolved, in the future until someone repeats it.
    package var endsAt: Int64
    /// When it was last told.
    package var updatedAt: Int64
    /// A link to what made it; may be empty.
    package var generatorURL: String
    /// True when `endsAt` is our own guess (resolve_timeout), not the client's word.
    package var isTimeout: Bool

    /// All parts.
    package init(
        labels: Labels, annotations: [String: String] = [:], startsAt: Int64, endsAt: Int64, updatedAt: Int64,
        generatorURL: String = "", isTimeout: Bool = false
    ) {
        self.labels = labels
        self.annotations = annotations
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.updatedAt = updatedAt
        self.generatorURL = generatorURL
        self.isTimeout = isTimeout
    }

    /// Its identity.
    package var fingerprint: Fingerprint { Fingerprint(labels) }

    /// About so many bytes of memory that it takes.
    var memory: Int {
        let texts = annotations.reduce(generatorURL.utf8.count) { $0 + $1.key.utf8.count + $1.value.utf8.count + 64 }
        return 512 + labels.bytes.count + texts
    }

    /// True when it no longer holds.
    package func isResolved(at now: Int64) -> Bool { endsAt <= now }

    /// The order within a group: by job, instance, number of labels and labels, as Alertmanager lists them.
    package func isOrdered(before other: Alert) -> Bool {
        for name in ["job", "instance"] {
            let (mine, theirs) = (labels[name] ?? "", other.labels[name] ?? "")
            if mine != theirs { return mine < theirs }
        }
        if labels.count != other.labels.count { return labels.count < other.labels.count }
        return labels < other.labels
    }

    /// This alert and what is told of it now, made one: the earlier start, and of the ends the one that is certain.
    package func merged(with other: Alert, now: Int64) -> Alert {
        // The one told last gives annotations and link.
        if other.updatedAt < updatedAt { return other.merged(with: self, now: now) }
        var result = other
        result.startsAt = min(startsAt, other.startsAt)
        if other.isResolved(at: now) {
            // Of two ends in the past the later is true.
            if isResolved(at: now), endsAt > other.endsAt { result.endsAt = endsAt }
        } else if endsAt > other.endsAt, !isTimeout {
            // A later end that a client gave outlives a guess.
            result.endsAt = endsAt
        }
        return result
    }
}
