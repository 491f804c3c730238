/// How a rule's last evaluation went.
package struct RuleStatus: Sendable {
    /// Prometheus' words.
    package enum Health: String, Sendable {
        case unknown
        case ok
        case err
    }

    package internal(set) var health = Health.unknown
    package internal(set) var lastError: String?
    package internal(set) var durationSeconds = 0.0
    /// Milliseconds since 1970; nil before the first.
    package internal(set) var evaluatedAtMs: Int64?
}
