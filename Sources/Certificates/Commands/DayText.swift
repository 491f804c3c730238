import FoundationEssentials

/// Days as people read them.
enum DayText {
    /// `2027-12-31`, in UTC.
    static func day(_ date: Date) -> String { String(date.formatted(.iso8601).prefix(10)) }

    /// Whole days from `now` until `end`; negative when it has passed.
    static func left(until end: Date, now: Date) -> Int {
        Int((end.timeIntervalSince(now) / Authority.day).rounded(.down))
    }
}
