import MartletCore

/// Durations for people to compare.
package enum DurationText {
    /// As Go writes it, with as many digits as matter: `1.234s`, `71.5ms`, `12.345µs`.
    package static func of(nanoseconds: Int64) -> String {
        let unit: Int64 =
            switch nanoseconds.magnitude {
            case ..<1_000_000: 1
            case ..<1_000_000_000: 1000
            default: 1_000_000
            }
        return GoDuration.format(nanoseconds / unit * unit)
    }
}
