package import MartletCore

/// One selector's wish: which series, and which times the engine will look at.
package struct MetricSelection: Sendable {
    /// All must pass. At least one of them does not match the empty string.
    package var matchers: [Matcher]
    /// First and last wanted time, inclusive, in milliseconds.
    package var minTime: Int64
    package var maxTime: Int64
    /// What the samples are for; a storage may use it to read less, and may ignore it.
    package var hints: Hints

    /// What the engine will do with the samples.
    package struct Hints: Sendable {
        /// Distance of the query's steps in milliseconds; 0 for an instant query.
        package var step: Int64 = 0
        /// Width of the range selector in milliseconds; 0 for an instant selector.
        package var range: Int64 = 0
        /// The function or aggregation directly around the selector, or empty.
        package var function = ""
        /// True when start timestamps will be looked at.
        package var startTimestamps = false
        /// True when of a series' samples within the times the newest is all that matters: the others may be left out.
        package var newestOnly = false

        package init(
            step: Int64 = 0, range: Int64 = 0, function: String = "", startTimestamps: Bool = false,
            newestOnly: Bool = false
        ) {
            self.step = step
            self.range = range
            self.function = function
            self.startTimestamps = startTimestamps
            self.newestOnly = newestOnly
        }
    }

    package init(matchers: [Matcher], minTime: Int64, maxTime: Int64, hints: Hints = Hints()) {
        self.matchers = matchers
        self.minTime = minTime
        self.maxTime = maxTime
        self.hints = hints
    }
}
