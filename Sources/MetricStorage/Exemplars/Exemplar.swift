package import MartletCore

/// An observation that stands for others, usually with the trace that it was made in.
package struct Exemplar: Sendable, Hashable {
    /// Its own labels: what the series' labels do not say.
    package let labels: Labels
    package let value: Double
    /// Milliseconds since the epoch.
    package let timeMs: Int64

    /// An observation of `value`.
    package init(labels: Labels, value: Double, timeMs: Int64) {
        self.labels = labels
        self.value = value
        self.timeMs = timeMs
    }
}

/// The exemplars of a series, by time.
package struct SeriesExemplars: Sendable, Hashable {
    package let labels: Labels
    package let exemplars: [Exemplar]
}
