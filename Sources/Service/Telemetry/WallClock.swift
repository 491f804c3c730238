import CPlatform

/// The time of day, for log lines and spans.
enum WallClock {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    static var nanoseconds: Int { Int(cplatform_realtime_nanoseconds()) }
}
