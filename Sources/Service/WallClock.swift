import FoundationEssentials

/// The time of day, for log lines and spans.
enum WallClock {
    /// Nanoseconds since 1970-01-01T00:00:00Z; the resolution is better than a microsecond.
    static var nanoseconds: Int {
        Int(Date().timeIntervalSince1970 * 1e6) * 1000
    }
}
