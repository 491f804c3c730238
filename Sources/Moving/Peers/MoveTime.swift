import ArgumentParser
import MartletCore
import Service

/// A flag's moment: RFC 3339, Unix seconds, or so long ago (`30d`). In whole seconds.
struct MoveTime: Sendable, Hashable, ExpressibleByArgument {
    /// Unix seconds.
    let seconds: Int64

    init(seconds: Int64) {
        self.seconds = seconds
    }

    init?(argument: String) {
        self.init(argument, nowSeconds: WallClock.milliseconds / 1000)
    }

    init?(_ text: String, nowSeconds: Int64) {
        if let seconds = Int64(text) {
            guard (0..<9_000_000_000).contains(seconds) else { return nil }
            self.seconds = seconds
        } else if let moment = RFC3339.parse(text) {
            seconds = moment.seconds
        } else if let ago = try? PrometheusDuration.parse(text) {
            seconds = nowSeconds - ago / 1000
        } else {
            return nil
        }
    }
}
