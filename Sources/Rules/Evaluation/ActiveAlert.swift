package import MartletCore

/// One alert of a rule. All times are milliseconds since 1970.
package struct ActiveAlert: Sendable, Hashable {
    /// Prometheus' words.
    package enum State: String, Sendable, Comparable {
        /// It fired and does no more.
        case inactive
        /// Its expression has not held long enough.
        case pending
        case firing

        package static func < (a: State, b: State) -> Bool { a.rank < b.rank }

        private var rank: Int {
            switch self {
            case .inactive: 0
            case .pending: 1
            case .firing: 2
            }
        }
    }

    package let labels: Labels
    package internal(set) var annotations: Labels
    package internal(set) var state = State.pending
    /// Of the last evaluation in which its expression held.
    package internal(set) var value: Double
    /// Since when the expression holds.
    package internal(set) var activeAtMs: Int64
    package internal(set) var firedAtMs: Int64?
    package internal(set) var resolvedAtMs: Int64?
    /// Since when it only fires because of `keep_firing_for`.
    package internal(set) var keepFiringSinceMs: Int64?
    /// Which Alertmanagers were told last.
    var lastSentMs: Int64?
    /// Until when receivers may take it for firing without being told again.
    var validUntilMs: Int64 = 0

    init(labels: Labels, annotations: Labels, value: Double, activeAtMs: Int64) {
        self.labels = labels
        self.annotations = annotations
        self.value = value
        self.activeAtMs = activeAtMs
    }

    /// True when Alertmanagers must be told (again).
    func needsSending(atMs timeMs: Int64, resendDelayMs: Int64) -> Bool {
        if state == .pending { return false }
        guard let lastSentMs else { return true }
        if let resolvedAtMs, resolvedAtMs > lastSentMs { return true }
        return lastSentMs + resendDelayMs < timeMs
    }
}
