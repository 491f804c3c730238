/// How the last scrape of a target went.
package struct TargetStatus: Sendable {
    /// Prometheus' words.
    package enum Health: String, Sendable {
        case unknown
        case up
        case down
    }

    package var health = Health.unknown
    package var lastError = ""
    /// Milliseconds since the epoch; nil before the first scrape.
    package var lastScrapeMs: Int64?
    package var lastDurationSeconds = 0.0
}
