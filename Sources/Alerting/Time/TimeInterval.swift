package import MartletCore

/// One entry of a time interval: a moment is inside when every list that is given has a range it falls into.
package struct TimeInterval: Sendable, Hashable {
    /// Minutes of the day, the end excluded.
    package var times: [Range<Int>] = []
    /// 0 is Sunday.
    package var weekdays: [ClosedRange<Int>] = []
    /// 1 to 31, or −31 to −1 counted from the month's end (-1 is the last day).
    package var daysOfMonth: [DayRange] = []
    /// 1 is January.
    package var months: [ClosedRange<Int>] = []
    /// Calendar years.
    package var years: [ClosedRange<Int>] = []
    /// Whose days and hours are meant.
    package var zone: TimeZoneFile = .utc
    /// The zone's name as configured; empty for UTC.
    package var location = ""

    /// Days of a month; a negative number counts from its end.
    package struct DayRange: Sendable, Hashable {
        /// The first day.
        package let begin: Int
        /// The last day.
        package let end: Int

        /// Both ends are inside.
        package init(begin: Int, end: Int) {
            self.begin = begin
            self.end = end
        }
    }

    /// Everything is inside.
    package init() {}

    /// True when a Unix time in seconds is inside.
    package func contains(_ seconds: Int64) -> Bool {
        let local = CivilTime(unixSeconds: seconds + Int64(zone.offset(at: seconds)))
        let minute = local.hour * 60 + local.minute
        if !times.isEmpty, !times.contains(where: { $0.contains(minute) }) { return false }
        if !weekdays.isEmpty, !weekdays.contains(where: { $0.contains(local.weekday) }) { return false }
        if !months.isEmpty, !months.contains(where: { $0.contains(local.month) }) { return false }
        if !years.isEmpty, !years.contains(where: { $0.contains(local.year) }) { return false }
        if !daysOfMonth.isEmpty, !daysOfMonth.contains(where: { TimeInterval.contains($0, local) }) { return false }
        return true
    }

    private static func contains(_ range: DayRange, _ local: CivilTime) -> Bool {
        let length = local.daysInMonth
        let begin = range.begin < 0 ? length + range.begin + 1 : range.begin
        let end = range.end < 0 ? length + range.end + 1 : range.end
        // Days that this month does not have are cut off, not wrapped.
        let first = max(1, begin)
        let last = min(length, end)
        return begin <= length && first <= last && (first...last).contains(local.day)
    }
}
