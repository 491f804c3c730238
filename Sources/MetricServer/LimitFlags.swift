import ArgumentParser
import MetricStorage
import Service

/// The flags of what new series may look like, and how many there may be.
package struct LimitFlags: ParsableArguments, Sendable {
    @Option(
        name: .customLong("storage.max-series"),
        help: ArgumentHelp(
            "Series in memory, those of the newest 2 to 3 hours; more are refused. 0 sets no limit but --memory.limit.",
            value: .count))
    package var series = 0

    @Option(
        name: .customLong("storage.max-labels-per-series"),
        help: ArgumentHelp("Labels of a series; 0 sets no limit.", value: .count))
    package var labels = SeriesLimits().labels

    @Option(
        name: .customLong("storage.max-label-name-length"),
        help: ArgumentHelp("Bytes of a label's name; 0 sets no limit.", value: .count))
    package var labelName = SeriesLimits().labelName

    @Option(
        name: .customLong("storage.max-label-value-length"),
        help: ArgumentHelp("Bytes of a label's value; 0 sets no limit.", value: .count))
    package var labelValue = SeriesLimits().labelValue

    package init() {}

    package mutating func validate() throws {
        for (name, value) in values where value.hasPrefix("-") {
            throw ValidationError("--\(name) must not be below 0")
        }
    }

    var limits: SeriesLimits {
        var limits = SeriesLimits()
        limits.series = series
        limits.labels = labels
        limits.labelName = labelName
        limits.labelValue = labelValue
        return limits
    }

    /// The flags as `/api/v1/status/flags` shows them.
    var values: [(name: String, value: String)] {
        [
            ("storage.max-series", "\(series)"), ("storage.max-labels-per-series", "\(labels)"),
            ("storage.max-label-name-length", "\(labelName)"), ("storage.max-label-value-length", "\(labelValue)"),
        ]
    }
}
