package import MartletCore

/// A time in which alerts that all matchers match send nothing. Times are Unix nanoseconds.
package struct Silence: Sendable, Hashable {
    /// Whether it holds now.
    package enum State: String, Sendable {
        case pending
        case active
        case expired
    }

    /// A UUID in lower case.
    package var id: String
    /// All must match.
    package var matchers: [Matcher]
    /// From when it holds.
    package var startsAt: Int64
    /// Until when; after it the silence is only remembered.
    package var endsAt: Int64
    /// When it was last changed.
    package var updatedAt: Int64
    /// Who made it.
    package var createdBy: String
    /// Why.
    package var comment: String

    /// All parts.
    package init(
        id: String, matchers: [Matcher], startsAt: Int64, endsAt: Int64, updatedAt: Int64, createdBy: String,
        comment: String
    ) {
        self.id = id
        self.matchers = matchers
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.updatedAt = updatedAt
        self.createdBy = createdBy
        self.comment = comment
    }

    /// Whether it holds at `now`.
    package func state(at now: Int64) -> State {
        if now < startsAt { return .pending }
        return now >= endsAt ? .expired : .active
    }

    /// True when it covers an alert with these labels, whatever the time.
    package func covers(_ labels: Labels) -> Bool { matchers.allSatisfy { $0.matches(labels) } }
}
