import MartletCore

#if canImport(Glibc)
import Glibc
#endif

/// The Date header (RFC 9110 IMF-fixdate), formatted once a second.
final class HTTPClock: Sendable {
    private let cached = Lock<(second: Int, text: String)>((0, ""))

    var date: String {
        let now = time(nil)
        return cached.withLock { cached in
            if cached.second != now { cached = (now, Self.format(now)) }
            return cached.text
        }
    }

    static func format(_ seconds: Int) -> String {
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        var instant = time_t(seconds)
        var parts = tm()
        gmtime_r(&instant, &parts)
        func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return days[Int(parts.tm_wday) % 7] + ", " + two(parts.tm_mday) + " " + months[Int(parts.tm_mon) % 12]
            + " \(Int(parts.tm_year) + 1900) " + two(parts.tm_hour) + ":" + two(parts.tm_min) + ":" + two(parts.tm_sec)
            + " GMT"
    }
}
