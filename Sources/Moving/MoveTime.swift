import ArgumentParser
import Service

/// A flag's moment, as ``FlagTime`` reads it, in whole seconds.
package struct MoveTime: Sendable, Hashable, ExpressibleByArgument {
    /// Times whose nanoseconds can be counted.
    static let range = FlagTime.range

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
        guard let time = FlagTime(text, now: nowSeconds * 1_000_000_000) else { return nil }
        seconds = time.seconds
    }
}
