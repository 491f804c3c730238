import ArgumentParser
import MartletCore

/// A flag's moment: RFC 3339, Unix seconds with or without a fraction, so long ago (`30d`), or `now`, `now-1h`, `now+5m`.
package struct FlagTime: Sendable, Hashable, ExpressibleByArgument {
    /// Seconds whose nanoseconds can be counted: 1970 to 2255.
    package static let range: Range<Int64> = 0..<9_000_000_000

    /// Unix nanoseconds.
    package let nanoseconds: Int64

    /// A moment in Unix nanoseconds.
    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    package init?(argument: String) {
        self.init(argument, now: WallClock.nanoseconds)
    }

    /// Reads a flag's text; nil for what is no time, or none from 1970 to 2255. What would lie before 1970 by its age is 1970.
    /// - Parameter now: Unix nanoseconds.
    package init?(_ text: String, now: Int64) {
        let moment =
            Self.unix(text) ?? RFC3339.parse(text) ?? Self.distance(text, now: now)
        guard let moment, Self.range.contains(moment.seconds), let nanoseconds = moment.unixNanoseconds else {
            return nil
        }
        self.nanoseconds = nanoseconds
    }

    /// Whole seconds since 1970.
    package var seconds: Int64 { nanoseconds / 1_000_000_000 }

    /// `1700000000`, `1700000000.5`.
    private static func unix(_ text: String) -> RFC3339.Moment? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let whole = parts.first, let seconds = Int64(whole)
        else { return nil }
        guard parts.count == 2 else { return .init(seconds: seconds, nanosecond: 0) }
        let digits = parts[1].prefix(9)
        return Int(digits + String(repeating: "0", count: 9 - digits.count))
            .map { .init(seconds: seconds, nanosecond: $0) }
    }

    /// `1h`, `now`, `now-1h`.
    private static func distance(_ text: String, now: Int64) -> RFC3339.Moment? {
        var rest = text[...]
        var sign: Int64 = -1
        if rest.hasPrefix("now") {
            rest = rest.dropFirst(3)
            if rest.isEmpty { return moment(now) }
            guard let first = rest.popFirst(), first == "-" || first == "+" else { return nil }
            if first == "+" { sign = 1 }
        }
        guard let milliseconds = try? PrometheusDuration.parse(String(rest)) else { return nil }
        // A duration's milliseconds fit into nanoseconds.
        let (sum, overflow) = now.addingReportingOverflow(sign * milliseconds * 1_000_000)
        return overflow ? nil : moment(max(0, sum))
    }

    private static func moment(_ nanoseconds: Int64) -> RFC3339.Moment {
        .init(seconds: nanoseconds / 1_000_000_000, nanosecond: Int(nanoseconds % 1_000_000_000))
    }
}
