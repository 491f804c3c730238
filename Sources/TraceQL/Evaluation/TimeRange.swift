/// Unix nanoseconds, both ends included.
package struct TimeRange: Hashable, Sendable {
    /// First nanosecond.
    package let start: UInt64
    /// Last nanosecond.
    package let end: UInt64

    /// All of time.
    package static let always = TimeRange(start: 0, end: .max)

    /// A range; `end` is not before `start`.
    package init(start: UInt64, end: UInt64) {
        self.start = start
        self.end = Swift.max(start, end)
    }

    /// Whether two ranges have a nanosecond in common.
    package func overlaps(_ start: UInt64, _ end: UInt64) -> Bool {
        start <= self.end && end >= self.start
    }

    /// Whether the instant lies inside.
    package func contains(_ instant: UInt64) -> Bool { instant >= start && instant <= end }
}
