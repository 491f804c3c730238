import CPlatform

/// The time of day.
package enum WallClock {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    package static var nanoseconds: Int64 { cplatform_realtime_nanoseconds() }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    package static var milliseconds: Int64 { cplatform_realtime_nanoseconds() / 1_000_000 }
}
