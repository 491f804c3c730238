import ArgumentParser
package import Durable
import MartletCore

/// The value of `--storage.wal-sync`: when an acknowledged write is also safe from power loss.
package enum WALSync: Sendable, Equatable, ExpressibleByArgument, CustomStringConvertible {
    /// Each acknowledgement waits for a group fdatasync.
    case always
    /// The log is synced in the background at this interval, in milliseconds.
    case interval(milliseconds: Int)

    /// Parses `always` or a duration such as `1s` or `200ms` (at least 1 ms, at most 1 h).
    package init?(argument: String) {
        if argument == "always" {
            self = .always
            return
        }
        guard let milliseconds = Self.milliseconds(argument), (1...3_600_000).contains(milliseconds) else { return nil }
        self = .interval(milliseconds: milliseconds)
    }

    /// As a user would type it.
    package var description: String {
        switch self {
        case .always: "always"
        case .interval(let milliseconds): PrometheusDuration.format(Int64(milliseconds))
        }
    }

    package var defaultValueDescription: String { description }

    /// The same for a log.
    package var policy: SyncPolicy {
        switch self {
        case .always: .always
        case .interval(let milliseconds): .interval(seconds: Double(milliseconds) / 1000)
        }
    }

    private static func milliseconds(_ text: String) -> Int? {
        for (suffix, scale) in [("ms", 1), ("s", 1000), ("m", 60_000)] where text.hasSuffix(suffix) {
            return Int(text.dropLast(suffix.count)).map { $0 * scale }
        }
        return nil
    }
}
