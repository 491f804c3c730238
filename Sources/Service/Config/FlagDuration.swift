import ArgumentParser
import MartletCore

/// A flag's duration in Prometheus' syntax.
package struct FlagDuration: Sendable, Hashable, ExpressibleByArgument, CustomStringConvertible {
    package let milliseconds: Int64

    /// A duration in milliseconds.
    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package init?(argument: String) {
        guard let milliseconds = try? PrometheusDuration.parse(argument) else { return nil }
        self.milliseconds = milliseconds
    }

    package var description: String { PrometheusDuration.format(milliseconds) }
    package var defaultValueDescription: String { description }
}
