import MartletCore

/// The Retry-After field: seconds, or a date (RFC 9110 §10.2.3).
package enum RetryAfter {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The time to wait from `now` (seconds since the Unix epoch); nil for what is neither. A date that has passed is zero.
    package static func parse(_ text: String, now: Int64) -> Duration? {
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // Longer than anybody waits is for ever, not nonsense.
            return .seconds(min(Int64(text) ?? .max, 1 << 40))
        }
        guard let date = date(text) else { return nil }
        return .seconds(max(0, date - now))
    }

    /// An IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT`, in seconds since the Unix epoch.
    private static func date(_ text: String) -> Int64? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", parts[0].hasSuffix(","), let day = Int(parts[1]),
            let month = months.firstIndex(of: String(parts[2])), let year = Int(parts[3]), (1...9999).contains(year),
            (1...CivilTime.daysInMonth(year: year, month: month + 1)).contains(day)
        else { return nil }
        let clock = parts[4].split(separator: ":").compactMap { Int($0) }
        guard clock.count == 3, (0...23).contains(clock[0]), (0...59).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        let days = Int64(CivilTime.days(year: year, month: month + 1, day: day))
        return days * 86_400 + Int64(clock[0] * 3600 + clock[1] * 60 + clock[2])
    }
}
