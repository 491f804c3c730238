import ArgumentParser
import MartletCore
import Service

/// A flag's moment: RFC 3339, Unix seconds, or so long ago (`30d`). In whole seconds.
package struct MoveTime: Sendable, Hashable, ExpressibleByArgument {
    /// Times whose nanoseconds can be counted: 1970 to 2255.
    static let range: Range<Int64> = 0..<9_000_000_000

    /// Unix seconds.
    package let seconds: Int64

    /// A moment in Unix seconds.
    package init(seconds: Int64) {
        self.seconds = seconds
    }

    package init?(argument: String) {
        self.init(argument, nowSeconds: WallClock.milliseconds / 1000)
    }

    /// Reads a flag's text; nil for what is no time, or none from 1970 to 2255.
    package init?(_ text: String, nowSeconds: Int64) {
        if let number = Int64(text) {
            seconds = number
        } else if let moment = RFC3339.parse(text) {
            seconds = moment.seconds
        } else if let ago = try? PrometheusDuration.parse(text) {
            seconds = max(0, nowSeconds - ago / 1000)
        } else {
            return nil
        }
        guard Self.range.contains(seconds) else { return nil }
    }
}
