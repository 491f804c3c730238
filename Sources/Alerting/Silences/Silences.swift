package import MartletCore

/// All silences, also those that are over until retention ends. Pure: time and new ids come in as arguments.
package struct Silences: Sendable {
    private var byID: [String: Silence] = [:]

    /// None.
    package init() {}

    /// What was stored, without what is past retention.
    package init(_ silences: some Sequence<Silence>) {
        for silence in silences { byID[silence.id] = silence }
    }

    /// All of them: those that hold by their end, then the waiting by their start, then the expired, the latest first.
    package func all(now: Int64) -> [Silence] {
        func rank(_ silence: Silence) -> Int {
            switch silence.state(at: now) {
            case .active: 0
            case .pending: 1
            case .expired: 2
            }
        }
        return byID.values.sorted { left, right in
            let (first, second) = (rank(left), rank(right))
            if first != second { return first < second }
            switch first {
            case 0: return (left.endsAt, left.id) < (right.endsAt, right.id)
            case 1: return (left.startsAt, left.id) < (right.startsAt, right.id)
            default: return (right.endsAt, right.id) < (left.endsAt, left.id)
            }
        }
    }

    /// One of them.
    package subscript(id: String) -> Silence? { byID[id] }

    /// The ids of the silences that hold now and cover these labels, sorted.
    package func covering(_ labels: Labels, now: Int64) -> [String] {
        byID.values.filter { $0.state(at: now) == .active && $0.covers(labels) }.map(\.id).sorted()
    }

    /// Makes or changes a silence; returns all that changed, the wanted one last.
    ///
    /// One that only changes in its end or comment, or in its start before it began, keeps its id; any other change ends
    /// it and makes a new one.
    package mutating func set(
        _ wanted: Silence, now: Int64, newID: () -> String
    ) throws(SilenceError) -> [Silence] {
        var silence = wanted
        try Silences.validate(silence)
        var changed: [Silence] = []
        if !silence.id.isEmpty {
            guard let old = byID[silence.id] else { throw .notFound }
            if Silences.canUpdate(old, to: silence, now: now) {
                silence.updatedAt = now
                byID[silence.id] = silence
                return [silence]
            }
            if old.state(at: now) != .expired { changed.append(end(old, now: now)) }
        }
        silence.id = newID()
        silence.updatedAt = now
        silence.startsAt = max(silence.startsAt, now)
        guard silence.endsAt > now else { throw .invalid("Failed to create silence: end time can't be in the past") }
        byID[silence.id] = silence
        changed.append(silence)
        return changed
    }

    /// Ends a silence now and returns it as it is then; nil when it was over already.
    package mutating func expire(_ id: String, now: Int64) throws(SilenceError) -> Silence? {
        guard let silence = byID[id] else { throw .notFound }
        return silence.state(at: now) == .expired ? nil : end(silence, now: now)
    }

    /// Forgets those that ended longer ago than `retention`; returns their ids.
    package mutating func collectGarbage(now: Int64, retention: Int64) -> [String] {
        let gone = byID.values.filter { $0.endsAt <= now - retention }.map(\.id)
        for id in gone { byID[id] = nil }
        return gone
    }

    private mutating func end(_ silence: Silence, now: Int64) -> Silence {
        var silence = silence
        if silence.state(at: now) == .pending { silence.startsAt = now }
        silence.endsAt = now
        silence.updatedAt = now
        byID[silence.id] = silence
        return silence
    }

    private static func validate(_ silence: Silence) throws(SilenceError) {
        guard !silence.matchers.isEmpty else {
            throw .invalid("silence invalid: at least one matcher required")
        }
        guard silence.matchers.contains(where: { !$0.matchesEmpty }) else {
            throw .invalid("silence invalid: at least one matcher must not match the empty string")
        }
        guard silence.endsAt >= silence.startsAt else {
            throw .invalid("silence invalid: end time must not be before start time")
        }
    }

    private static func canUpdate(_ old: Silence, to new: Silence, now: Int64) -> Bool {
        guard MatcherSyntax.sorted(old.matchers) == MatcherSyntax.sorted(new.matchers) else { return false }
        switch old.state(at: now) {
        // The API gives milliseconds, so what comes back is not the same nanosecond.
        case .active:
            return new.startsAt / 1_000_000_000 == old.startsAt / 1_000_000_000 && new.endsAt >= now
        case .pending: return new.startsAt >= now
        case .expired: return false
        }
    }
}
